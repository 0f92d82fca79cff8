"""Reasoning against perception: one curve per method over its coefficient (the paper's Fig. 2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from frism.results.candidates import PERCEPTION, REASONING, Candidate
from frism.results.curves import curves
from frism.results.figures.experiment import Experiment
from frism.results.figures.labels import (
    FIXED_LABEL,
    HALO,
    drop_overlapping,
    label_methods,
    leave_room,
    note_coefficients,
)
from frism.results.figures.style import BAND, FAINT, light_grid, new_figure

PLACE = [PERCEPTION, REASONING]


def draw(data: Experiment, names: Mapping[str, str], colours: Mapping[str, str]) -> Figure:
    """Draws families faintly, their mean with coefficients, and the chosen points as stars.

    Args:
        data: The experiment; a line per value of each method's coefficient.
        names: Display name of each method.
        colours: Colour of each method.
    """
    figure = new_figure(7.6, 5.4)
    axes = figure.add_subplot()
    light_grid(axes)
    _band(axes, data)
    axes.set_xlabel("VL perception, % (mean of benchmarks and families, test)")
    axes.set_ylabel("VL reasoning, %")
    defined = {str(slug): rows for slug, rows in data.defined.groupby("method", sort=False)}
    chosen = {slug: data.preferred(rows) for slug, rows in defined.items()}
    lines = {
        slug: _curves(axes, data, rows.set_index("row"), chosen[slug], colours[slug])
        for slug, rows in defined.items()
    }
    for slug, rows in defined.items():
        _chosen(axes, rows[rows["row"] == chosen[slug]].iloc[0], colours[slug])
    _vlm(axes, data.vlm)
    leave_room(axes, lines)
    label_methods(axes, lines, names, colours)
    drop_overlapping(figure, axes)
    return figure


def _curves(
    axes: Axes, data: Experiment, rows: pd.DataFrame, chosen: str, colour: str
) -> NDArray[np.float64]:
    """Draws the curves of a method and returns the points of the last one's mean, [points, 2]."""
    slug = str(rows["method"].iloc[0])
    start = data.vlm[PLACE].to_numpy(float)
    points = start[None]
    for curve in curves([Candidate(slug, str(each)) for each in rows.index]):
        _families(axes, data.part("families"), curve, colour)
        merges = rows.loc[[each.parameters for each in curve[1:]], PLACE].to_numpy(float)
        points = np.vstack([start, merges])
        axes.plot(
            *points.T, color=colour, lw=2, marker="o", ms=4.5, markevery=slice(1, None), gid="mean"
        )
        stars = [each.parameters == chosen for each in curve[1:]]
        note_coefficients(axes, merges, curve[1:], stars, colour)
    return points


def _families(
    axes: Axes, families: pd.DataFrame, curve: tuple[Candidate, ...], colour: str
) -> None:
    for _, rows in families.groupby("family"):
        keyed = rows.set_index(["method", "row"])[PLACE]
        own = keyed.loc[[(each.method, each.parameters) for each in curve]].to_numpy(float)
        axes.plot(*own.T, color=colour, alpha=0.22, lw=0.9, gid="family")


def _chosen(axes: Axes, row: pd.Series, colour: str) -> None:
    x, y = row[PERCEPTION], row[REASONING]
    axes.errorbar(
        x, y,
        xerr=[[x - row["perception_low"]], [row["perception_high"] - x]],
        yerr=[[y - row["reasoning_low"]], [row["reasoning_high"] - y]],
        color=colour, marker="*", ms=17, mec="white", mew=0.9, elinewidth=1.3, zorder=5,
    )  # fmt: skip


def _vlm(axes: Axes, vlm: pd.Series) -> None:
    x, y = vlm[PERCEPTION], vlm[REASONING]
    axes.plot([x], [y], marker="D", ms=7, color="black", ls="none", zorder=6)
    axes.annotate(
        "VLM", (x, y), (9, 3), textcoords="offset points", fontweight="bold",
        path_effects=HALO, gid=FIXED_LABEL, zorder=7,
    )  # fmt: skip


def _band(axes: Axes, data: Experiment) -> None:
    right, tolerance = data.vlm[PERCEPTION], data.tolerance
    axes.axvspan(right - tolerance, right, color=BAND, lw=0, zorder=0)
    axes.text(
        right - tolerance, 1.01, f"at most {tolerance:g} point{'s' * (tolerance != 1)} lost ",
        transform=axes.get_xaxis_transform(), fontsize=8, color=FAINT, va="bottom",
    )  # fmt: skip
