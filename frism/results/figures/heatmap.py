"""Two parameters against each other: a cell per merge, the choice of each line marked (Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from frism.errors import DataError
from frism.methods.method import Value
from frism.results.candidates import PERCEPTION, REASONING
from frism.results.figures.cells import draw_cells
from frism.results.figures.experiment import Experiment, in_order
from frism.results.figures.lines import value_text
from frism.results.figures.style import new_figure

TITLES = {REASONING: "VL reasoning, %", PERCEPTION: "VL perception, %"}
CELL = (0.78, 0.52)
MARGINS = (2.0, 1.5)
FRAME = "#D55E00"


def draw(data: Experiment, names: Mapping[str, str]) -> Figure:
    """Draws, for each method, test reasoning and perception by the two parameters in `by`.

    In each line of cells a frame marks the value that the rule chooses on validation.

    Args:
        data: The experiment, with two parameters in `by`.
        names: Display name of each method.

    Raises:
        DataError: `by` has not two parameters, or no method is defined for the pair.
    """
    if len(data.by) != 2 or data.defined.empty:
        raise DataError(
            f"experiment {data.name}: found {len(data.by)} parameters in `by` and "
            f"{len(data.defined)} lines, expected 2 and some; a heat map needs both"
        )
    groups = {str(slug): rows for slug, rows in data.defined.groupby("method", sort=False)}
    down, across = (in_order(data.defined, name) for name in data.by)
    figure = new_figure(
        MARGINS[0] + 2 * CELL[0] * (len(across) + 1.4),
        len(groups) * (MARGINS[1] + CELL[1] * len(down)),
    )
    grid = figure.subplots(len(groups), 2, squeeze=False)
    for axes_of_method, (slug, rows) in zip(grid, groups.items(), strict=True):
        for axes, name in zip(axes_of_method, TITLES, strict=True):
            cells = rows.pivot(index=data.by[0], columns=data.by[1], values=name)
            values = cells.reindex(index=down, columns=across).to_numpy(float)
            draw_cells(figure, axes, values, "{:.1f}")
            axes.set_title(f"{TITLES[name]} (the VLM's: {data.vlm[name]:.1f})")
            _axes(axes, data, down, across)
            _frames(axes, data, rows, down, across)
        if len(groups) > 1:
            axes_of_method[0].set_ylabel(f"{names.get(slug, slug)}\n{data.by[0]}")
    frame = Patch(fill=False, ec=FRAME, lw=2.2, label="chosen on validation; cells show test")
    figure.legend(handles=[frame], loc="outside upper left", frameon=False)
    return figure


def _axes(axes: Axes, data: Experiment, down: list[Value], across: list[Value]) -> None:
    axes.set_yticks(range(len(down)), [value_text(each) for each in down])
    axes.set_xticks(range(len(across)), [value_text(each) for each in across])
    axes.set_ylabel(data.by[0])
    axes.set_xlabel(data.by[1])


def _frames(
    axes: Axes, data: Experiment, rows: pd.DataFrame, down: list[Value], across: list[Value]
) -> None:
    for place, value in enumerate(down):
        line = rows[rows[data.by[0]] == value]
        if line.empty:
            continue
        chosen = line.loc[line["row"] == data.preferred(line), data.by[1]].iloc[0]
        corner = (across.index(chosen) - 0.46, place - 0.46)
        axes.add_patch(Rectangle(corner, 0.92, 0.92, fill=False, ec=FRAME, lw=2.6))
