"""Where the time of an experiment went, method by method."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from frism.results.figures.experiment import Experiment
from frism.results.figures.style import FAINT, group_colour, light_grid, new_figure

# stage in the table, its name and colour
STAGES = {
    "curvature": ("curvature pass", "#CC79A7"),
    "gates": ("training of gates", "#D55E00"),
    "merge": ("merging", "#0072B2"),
    "evaluate": ("answering", "#56B4E9"),
}
LINE_HEIGHT, MARGINS = 0.2, 1.2
# for the numbers at the ends of the bars
ROOM = 1.12


def draw(data: Experiment, names: Mapping[str, str]) -> Figure:
    """Draws a bar of stages per method, the most expensive on top.

    Args:
        data: The experiment.
        names: Display name of each method.
    """
    table = data.part("times").sort_values(["total", "method"], ascending=[False, True])
    minutes = {stage: table[stage].fillna(0).to_numpy(float) / 60 for stage in STAGES}
    places = np.arange(len(table))
    figure = new_figure(8.4, MARGINS + LINE_HEIGHT * len(table))
    axes = figure.add_subplot()
    start = np.zeros(len(table))
    for stage, (name, colour) in STAGES.items():
        axes.barh(places, minutes[stage], left=start, color=colour, height=0.72, label=name)
        start = start + minutes[stage]
    for place, (end, count) in enumerate(zip(start, table["candidates"], strict=True)):
        axes.annotate(
            f"{end:.1f}  ({count:g} candidates)", (end, place), (4, 0), va="center",
            textcoords="offset points", fontsize=7, color=FAINT,
        )  # fmt: skip
    axes.set_yticks(places, [names.get(str(slug), str(slug)) for slug in table["method"]])
    for text, slug in zip(axes.get_yticklabels(), table["method"], strict=True):
        text.set_color(group_colour(str(slug)))
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.set_xlim(0, max(float(start.max()), 1e-9) * ROOM)
    axes.set_xlabel(f"minutes, all candidates and families together: {start.sum():.0f} in all")
    light_grid(axes, "x")
    figure.legend(loc="outside upper left", ncols=len(STAGES), frameon=False)
    return figure
