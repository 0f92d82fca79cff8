"""Every method's difference to the VLM, with intervals, by groups of methods."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from frism.methods.groups import GROUPS, group_of
from frism.methods.registry import method
from frism.results.candidates import PERCEPTION
from frism.results.figures.dots import Line, Panel, dot_plot
from frism.results.figures.experiment import Experiment
from frism.results.figures.lines import TITLES, explain_marks, line_of
from frism.results.figures.style import GROUP_COLOURS

# a method that broke perception would press all others into one line
LARGEST_LOSS = -10.0


def draw(data: Experiment, names: Mapping[str, str]) -> Figure:
    """Draws the difference of every method in reasoning and in perception to the VLM.

    Args:
        data: The experiment; one line per method.
        names: Display name of each method.
    """
    lines: list[Line] = []
    for group, rows in by_group(data.lines).items():
        lines.append(Line(group, GROUP_COLOURS[group], bold=True))
        for _, row in rows.iterrows():
            slug = str(row["method"])
            lines.append(line_of(row, names.get(slug, slug), "_delta"))
    figure = dot_plot(lines, [_panel(data, name) for name in TITLES], width=10.4)
    explain_marks(figure, lines)
    return figure


def by_group(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Returns the lines of each group, most reasoning first, undefined methods last."""
    groups = pd.Series([group_of(method(str(each))) for each in lines["method"]], lines.index)
    ordered = lines.sort_values(["reasoning", "method"], ascending=[False, True])
    found = {group: ordered[groups.loc[ordered.index] == group] for group in GROUPS}
    return {group: rows for group, rows in found.items() if len(rows)}


def _panel(data: Experiment, name: str) -> Panel:
    label = f"minus the VLM's {data.vlm[name]:.1f} %, points on test"
    if name != PERCEPTION:
        return Panel(name, TITLES[name], label, reference=0)
    return Panel(name, TITLES[name], label, 0, tolerated=data.tolerance, least=LARGEST_LOSS)
