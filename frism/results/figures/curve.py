"""Reasoning, perception and open energy over one number, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from frism.errors import DataError
from frism.results.candidates import PERCEPTION
from frism.results.figures.experiment import Experiment
from frism.results.figures.lines import TITLES, value_text
from frism.results.figures.style import BAND, FAINT, light_grid, new_figure

# numbers that span more than this are shown by their logarithm
WIDE = 20.0
OPEN_ENERGY = "Energy that the gates let through"
Array = NDArray[np.float64]


def draw(
    data: Experiment,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    energy: Mapping[str, pd.DataFrame],
) -> Figure:
    """Draws a panel for reasoning, one for perception and, where gates were learned, their energy.

    Args:
        data: The experiment, with one parameter in `by`.
        names: Display name of each method.
        colours: Colour of each method.
        energy: Share of the task vector's energy that the gates let through, for each method with
            gates of directions: a line per row, a column per family.

    Raises:
        DataError: `by` has not one parameter, or its values are not numbers.
    """
    if len(data.by) != 1 or not pd.api.types.is_numeric_dtype(data.lines[data.by[0]]):
        raise DataError(
            f"experiment {data.name}: found the parameters {', '.join(data.by)} in `by`, expected "
            "one whose values are numbers; choose another kind of figure"
        )
    count = len(TITLES) + bool(energy)
    figure = new_figure(3.7 * count, 3.4)
    grid = figure.subplots(1, count)
    places = axis_places(data.defined[data.by[0]].to_numpy(float))
    for axes, (name, title) in zip(grid, TITLES.items(), strict=False):
        _scores(axes, data, name, places, colours)
        axes.set_title(f"{title}, %")
    if energy:
        _energy(grid[-1], data, energy, places, colours)
    for axes in grid:
        _ticks(axes, places, data.by[0])
    if len(data.methods) > 1:
        handles, labels = grid[0].get_legend_handles_labels()
        shown = [names.get(label, label) for label in labels]
        figure.legend(handles, shown, loc="outside upper left", ncols=4, frameon=False)
    return figure


def axis_places(values: Sequence[float] | Array) -> dict[float, float]:
    """Returns where each number stands: by its logarithm if they span much, zero left of all."""
    numbers = sorted({float(each) for each in values})
    positive = [each for each in numbers if each > 0]
    if not positive or positive[-1] < WIDE * positive[0] or numbers[0] < 0:
        return {each: each for each in numbers}
    places = {each: float(np.log10(each)) for each in positive}
    steps = np.diff(list(places.values()))
    step = float(np.median(steps)) if len(steps) else 1.0
    return {each: places.get(each, places[positive[0]] - step) for each in numbers}


def _scores(
    axes: Axes,
    data: Experiment,
    name: str,
    places: Mapping[float, float],
    colours: Mapping[str, str],
) -> None:
    vlm = float(data.vlm[name])
    axes.axhline(vlm, color="black", lw=0.9, ls="--", zorder=2)
    axes.annotate(
        "VLM", (1, vlm), (-2, 3), xycoords=axes.get_yaxis_transform(), fontsize=8, ha="right",
        textcoords="offset points", color=FAINT,
    )  # fmt: skip
    if name == PERCEPTION:
        axes.axhspan(vlm - data.tolerance, vlm, color=BAND, lw=0, zorder=0)
    for slug, rows in data.defined.sort_values(data.by[0]).groupby("method", sort=False):
        across = [places[float(each)] for each in rows[data.by[0]]]
        colour = colours[str(slug)]
        low, high = (rows[f"{name}_{bound}"].to_numpy(float) for bound in ("low", "high"))
        axes.fill_between(across, low, high, color=colour, alpha=0.16, lw=0)
        axes.plot(across, rows[name].to_numpy(float), color=colour, marker="o", ms=5, label=slug)


def _energy(
    axes: Axes,
    data: Experiment,
    energy: Mapping[str, pd.DataFrame],
    places: Mapping[float, float],
    colours: Mapping[str, str],
) -> None:
    for slug, table in energy.items():
        rows = data.defined[data.defined["method"] == slug].sort_values(data.by[0])
        across = [places[float(each)] for each in rows[data.by[0]]]
        shares = table.loc[rows["row"]].to_numpy(float)
        axes.plot(across, shares, color=colours[slug], lw=0.8, alpha=0.4)
        axes.plot(across, shares.mean(axis=1), color=colours[slug], lw=2, marker="o", ms=5)
    axes.set_ylim(-0.03, 1.03)
    axes.set_title(OPEN_ENERGY)


def _ticks(axes: Axes, places: Mapping[float, float], name: str) -> None:
    axes.set_xticks(list(places.values()), [value_text(each) for each in places])
    axes.set_xlabel(name)
    light_grid(axes)
