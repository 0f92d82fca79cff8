"""Reasoning against perception: one curve per method over its coefficient (the paper's Fig. 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from frism.results.candidates import PERCEPTION, REASONING, VLM, Candidate
from frism.results.curves import curves
from frism.results.figures.labels import (
    FIXED_LABEL,
    HALO,
    drop_overlapping,
    label_methods,
    note_coefficients,
)
from frism.results.figures.style import FAINT, light_grid, new_figure

KEY = ["method", "parameters"]
TEST = ["test_perception", "test_reasoning"]


@dataclass(frozen=True)
class Tradeoff:
    """What the figure shows, all of one pair and on test.

    Args:
        families: Columns family, method, parameters, reasoning, perception: family averages.
        sweep: The sweep table.
        main: The main table.
        tolerance: Points of the VLM's perception that a merge may lose.
    """

    families: pd.DataFrame
    sweep: pd.DataFrame
    main: pd.DataFrame
    tolerance: float


def family_averages(scores: pd.DataFrame, pair: str) -> pd.DataFrame:
    """Returns group averages on test per family from the table of scores."""
    rows = scores[(scores["pair"] == pair) & (scores["split"] == "test")]
    keys = ["family", *KEY]
    table = rows.pivot_table(index=keys, columns="group", values="score", aggfunc="mean")
    return table[[REASONING, PERCEPTION]].reset_index()


def draw(data: Tradeoff, names: Mapping[str, str], colours: Mapping[str, str]) -> Figure:
    """Draws families faintly, their mean with coefficients, and the chosen points as stars."""
    figure = new_figure(7.6, 5.4)
    axes = figure.add_subplot()
    light_grid(axes)
    vlm = data.main[data.main["method"] == VLM].iloc[0]
    _band(axes, vlm, data.tolerance)
    axes.set_xlabel("VL perception, % (mean of benchmarks and families, test)")
    axes.set_ylabel("VL reasoning, %")
    lines = {
        method: _curves(axes, data, method, colours[method], vlm)
        for method in dict.fromkeys(data.sweep["method"])
    }
    for method in lines:
        _chosen(axes, data.main, method, colours[method])
    _vlm(axes, vlm)
    label_methods(axes, lines, names, colours)
    drop_overlapping(figure, axes)
    return figure


def _curves(
    axes: Axes, data: Tradeoff, method: str, colour: str, vlm: pd.Series
) -> NDArray[np.float64]:
    """Draws the curves of a method and returns the points of the last one's mean, [points, 2]."""
    rows = data.sweep[data.sweep["method"] == method].set_index("parameters")
    start = vlm[[PERCEPTION, REASONING]].to_numpy(float)
    points = start[None]
    for curve in curves([Candidate(method, str(each)) for each in rows.index]):
        for _, rows_of in data.families.groupby("family"):
            keyed = rows_of.set_index(KEY)[[PERCEPTION, REASONING]]
            own = keyed.loc[[(each.method, each.parameters) for each in curve]].to_numpy().T
            axes.plot(*own, color=colour, alpha=0.22, lw=0.9, gid="family")
        merges = rows.loc[[each.parameters for each in curve[1:]], TEST].to_numpy(float)
        points = np.vstack([start, merges])
        axes.plot(
            *points.T, color=colour, lw=2, marker="o", ms=4.5, markevery=slice(1, None), gid="mean"
        )
        chosen = rows.loc[[each.parameters for each in curve[1:]], "chosen"].tolist()
        note_coefficients(axes, merges, curve[1:], chosen, colour)
    return points


def _chosen(axes: Axes, main: pd.DataFrame, method: str, colour: str) -> None:
    row = main[main["method"] == method].iloc[0]
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


def _band(axes: Axes, vlm: pd.Series, tolerance: float) -> None:
    edge = vlm[PERCEPTION] - tolerance
    axes.axvspan(edge, vlm[PERCEPTION], color="#F3E9C6", lw=0, zorder=0)
    axes.text(
        edge, 1.01, f"at most {tolerance:g} point{'s' * (tolerance != 1)} lost ",
        transform=axes.get_xaxis_transform(), fontsize=8, color=FAINT, va="bottom",
    )  # fmt: skip
