"""Every method on every benchmark as a table of coloured cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from frism.results.candidates import FRISM, PERCEPTION, REASONING, TEXT, VLM
from frism.results.figures.experiment import Experiment
from frism.results.figures.main import LARGEST_LOSS, by_group
from frism.results.figures.style import DIFFERENCES, group_colour, new_figure

AVERAGE = "average"
TITLES = {REASONING: "VL reasoning", PERCEPTION: "VL perception", TEXT: "text only"}
ROW_HEIGHT, COLUMN_WIDTH, MARGINS = 0.2, 0.72, (2.6, 1.5)
# beyond this share of the scale a cell is too dark for black letters
DARK = 0.62
# points at which the scale ends: a method that broke perception would make all others white
LARGEST = {REASONING: inf, PERCEPTION: -LARGEST_LOSS, TEXT: inf}
COLOURS = colormaps[DIFFERENCES].with_extremes(bad="#EEEEEE")
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """The cells of one group of benchmarks.

    Args:
        columns: Names of the benchmarks.
        scores: Percent on test, [methods, columns]; NaN where there is none.
        deltas: Points above the VLM, [methods, columns].
        clear: Whether the interval of the difference leaves out zero, [methods, columns].
    """

    columns: list[str]
    scores: Array
    deltas: Array
    clear: NDArray[np.bool_]


def draw(data: Experiment, names: Mapping[str, str]) -> Figure:
    """Draws a cell per method and benchmark: the score, coloured by its difference to the VLM.

    Args:
        data: The experiment; one line per method.
        names: Display name of each method.
    """
    methods = [VLM, *(str(each) for rows in by_group(data.lines).values() for each in rows.method)]
    blocks = {group: block(data, methods, group) for group in TITLES}
    blocks = {group: each for group, each in blocks.items() if each.columns}
    widths = [len(each.columns) for each in blocks.values()]
    figure = new_figure(
        MARGINS[0] + COLUMN_WIDTH * sum(widths), MARGINS[1] + ROW_HEIGHT * len(methods)
    )
    grid = figure.subplots(1, len(blocks), sharey=True, width_ratios=widths, squeeze=False)[0]
    for axes, (group, cells) in zip(grid, blocks.items(), strict=True):
        _cells(figure, axes, cells, group)
    _methods(grid[0], methods, names)
    return figure


def block(data: Experiment, methods: Sequence[str], group: str) -> Block:
    """Returns the cells of one group, the average of a visual group first."""
    every = data.part("benchmarks")
    rows = every[every["group"] == group]
    lines = pd.concat([data.vlm.to_frame().T, data.lines]).set_index("method").loc[list(methods)]
    columns = [str(each) for each in dict.fromkeys(rows["benchmark"])]
    tables = [_averages(lines, group)] if group in lines else []
    tables += [rows[rows["benchmark"] == each].set_index("method") for each in columns]
    found = [each.reindex(pd.Index(methods)) for each in tables]
    scores, deltas, low, high = (
        np.array([table[name].to_numpy(float) for table in found]).T.reshape(len(methods), -1)
        for name in ("score", "delta", "delta_low", "delta_high")
    )
    average = [AVERAGE] if len(tables) > len(columns) else []
    return Block([*average, *columns], scores, deltas, (low > 0) | (high < 0))


def _averages(lines: pd.DataFrame, group: str) -> pd.DataFrame:
    renamed = {f"{group}_delta{bound}": f"delta{bound}" for bound in ("", "_low", "_high")}
    return lines.rename(columns={group: "score", **renamed})


def _cells(figure: Figure, axes: Axes, cells: Block, group: str) -> None:
    found = float(np.nanmax(np.abs(cells.deltas), initial=1e-9))
    largest = min(found, LARGEST[group])
    image = axes.imshow(
        np.ma.masked_invalid(cells.deltas), COLOURS, Normalize(-largest, largest), aspect="auto"
    )
    for (row, column), score in np.ndenumerate(cells.scores):
        delta = cells.deltas[row, column]
        dark = abs(delta) > DARK * largest
        axes.text(
            column, row, "-" if np.isnan(score) else f"{score:.1f}", ha="center", va="center",
            size=7.5, color="white" if dark else "black",
            fontweight="bold" if cells.clear[row, column] else "normal",
        )  # fmt: skip
    labels = [each.removeprefix("Frism") for each in cells.columns]
    axes.set_xticks(range(len(labels)), labels, rotation=30, ha="left", rotation_mode="anchor")
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(TITLES[group])
    bar = figure.colorbar(
        image, ax=axes, location="bottom", fraction=0.02, pad=0.01, aspect=12,
        extend="both" if found > largest else "neither",
    )  # fmt: skip
    bar.set_label("points to the VLM", fontsize=8)
    bar.ax.tick_params(labelsize=7)


def _methods(axes: Axes, methods: Sequence[str], names: Mapping[str, str]) -> None:
    axes.set_yticks(range(len(methods)), [names.get(each, each) for each in methods])
    for text, each in zip(axes.get_yticklabels(), methods, strict=True):
        text.set_color(group_colour(each))
        text.set_fontweight("bold" if each in (FRISM, VLM) else "normal")
