"""A line per merge of an experiment, with intervals, beside the VLM."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from frism.methods.groups import fineness
from frism.methods.registry import method
from frism.results.candidates import PERCEPTION
from frism.results.figures.dots import Panel, dot_plot
from frism.results.figures.experiment import Experiment, in_order
from frism.results.figures.lines import TITLES, explain_marks, line_of, value_text


def draw(data: Experiment, names: Mapping[str, str]) -> Figure:
    """Draws reasoning and perception on test: methods from coarse to fine, then by values.

    Args:
        data: The experiment.
        names: Display name of each method.
    """
    slugs = sorted(data.methods, key=lambda slug: fineness(method(slug)))
    lines = [
        line_of(row, _label(row, data, names), by=data.by)
        for slug in slugs
        for _, row in _ordered(data, slug).iterrows()
    ]
    figure = dot_plot(lines, [_panel(data, name) for name in TITLES])
    explain_marks(figure, lines)
    return figure


def _ordered(data: Experiment, slug: str) -> pd.DataFrame:
    rows = data.lines[data.lines["method"] == slug]
    for name in reversed(_own(data, slug)):
        places = rows[name].map(in_order(rows, name).index)
        rows = rows.loc[places.sort_values(kind="stable").index]
    return rows


def _own(data: Experiment, slug: str) -> list[str]:
    return [name for name in data.by if name in method(slug).parameters]


def _label(row: pd.Series, data: Experiment, names: Mapping[str, str]) -> str:
    slug = str(row["method"])
    values = [] if row["undefined"] else [value_text(row[name]) for name in _own(data, slug)]
    alone = len(data.methods) == 1 and values
    return ", ".join(values if alone else [names.get(slug, slug), *values])


def _panel(data: Experiment, name: str) -> Panel:
    vlm = float(data.vlm[name])
    label = f"% on test; line: the VLM's {vlm:.1f}"
    return Panel(name, TITLES[name], label, vlm, data.tolerance if name == PERCEPTION else None)
