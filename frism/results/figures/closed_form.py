"""Gates without training: curvature against learned gates, and score and seconds of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from frism.results.candidates import PERCEPTION, labelled
from frism.results.correlation import (
    ALL_MODULES,
    CURVATURE,
    RATIO,
    SECANT,
    SECANT_RATIO,
    Directions,
)
from frism.results.figures.experiment import Experiment
from frism.results.figures.lines import TITLES, interval
from frism.results.figures.style import BAND, FAINT, group_colour, light_grid, new_figure
from frism.results.gates import ordered_modules

COUNTS = "Greys"
# what is correlated, its name, colour and place beside the line
CORRELATIONS = {
    RATIO: ("of $h_i / S_i^2$", "#D55E00", -0.3),
    CURVATURE: ("of $h_i$", "#0072B2", -0.1),
    SECANT_RATIO: ("of $h_i / S_i^2$, secant", "#E69F00", 0.1),
    SECANT: ("of $h_i$, secant", "#56B4E9", 0.3),
}
HEXAGONS = 38
# curvature spans many powers of ten and a few directions have next to none
LOWEST_QUANTILE = 0.002
# for the numbers at the ends of the bars
ROOM = 1.25


def draw(
    data: Experiment,
    names: Mapping[str, str],
    directions: Sequence[Directions],
    correlations: pd.DataFrame,
) -> Figure:
    """Draws the directions, their correlation by module, and below what both methods reach.

    Args:
        data: The experiment; one line per method.
        names: Display name of each method.
        directions: Curvature and gates of all families.
        correlations: Spearman's correlations per family, pooled and by module.
    """
    figure = new_figure(10.4, 4.4 + 0.3 * len(data.defined))
    heights = [3.4, 1.0 + 0.3 * len(data.defined)]
    above, below = figure.subfigures(2, 1, height_ratios=heights, squeeze=False)[:, 0]
    left, right = above.subplots(1, 2, width_ratios=[1.35, 1])
    _hexagons(above, left, directions)
    _correlations(right, correlations)
    _scores(below, data, names)
    return figure


def _hexagons(part: SubFigure, axes: Axes, directions: Sequence[Directions]) -> None:
    curvature = np.concatenate([each.ratio for each in directions])
    gates = np.concatenate([each.gates for each in directions])
    floor = float(np.quantile(curvature[curvature > 0], LOWEST_QUANTILE))
    image = axes.hexbin(
        np.maximum(curvature, floor), gates, xscale="log", gridsize=HEXAGONS, mincnt=1,
        cmap=COUNTS, bins="log", linewidths=0.1, extent=(*np.log10([floor, curvature.max()]), 0, 1),
    )  # fmt: skip
    bar = part.colorbar(image, ax=axes, fraction=0.05, pad=0.02)
    bar.set_label("directions", fontsize=8)
    bar.outline.set_visible(False)
    axes.axhline(0.5, color=FAINT, lw=0.9, ls=":")
    axes.set_xlabel("curvature per energy, $h_i / S_i^2$")
    axes.set_ylabel(r"learned gate $\sigma(g_i)$; training starts at 0.5")
    axes.set_title("Every singular direction of all families")


def _correlations(axes: Axes, table: pd.DataFrame) -> None:
    modules = [ALL_MODULES, *ordered_modules(set(table["module"]) - {ALL_MODULES})]
    for name, (label, colour, off) in CORRELATIONS.items():
        for place, module in enumerate(modules):
            values = table.loc[table["module"] == module, name].dropna().to_numpy(float)
            places = np.full(len(values), place + off)
            shown = label if place == 0 else None
            axes.plot(values, places, "o", color=colour, ms=4.5, alpha=0.55, label=shown)
            if len(values):
                axes.plot([values.mean()], [place + off], "|", color=colour, ms=7, mew=2)
    axes.axvline(0, color="black", lw=0.9)
    axes.set_yticks(range(len(modules)), [each.removesuffix("_proj") for each in modules])
    axes.get_yticklabels()[0].set_fontweight("bold")
    axes.set_ylim(len(modules) - 0.5, -0.5)
    axes.set_xlim(-1.05, 1.05)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_xlabel("dots: families, bar: mean over families")
    axes.set_title("Spearman's correlation with the gates")
    axes.legend(frameon=False, fontsize=8, loc="best")
    light_grid(axes, "x")


def _scores(part: SubFigure, data: Experiment, names: Mapping[str, str]) -> None:
    rows = data.defined
    grid = part.subplots(1, 3, sharey=True)
    colours = [group_colour(str(slug)) for slug in rows["method"]]
    for axes, (name, title) in zip(grid, TITLES.items(), strict=False):
        for place, (_, row) in enumerate(rows.iterrows()):
            value, low, high = interval(row, name)
            axes.errorbar(value, place, xerr=[[value - low], [high - value]],
                          fmt="o", color=colours[place], ms=5.5, elinewidth=1.4)  # fmt: skip
        vlm = float(data.vlm[name])
        axes.axvline(vlm, color="black", lw=0.9)
        if name == PERCEPTION:
            axes.axvspan(vlm - data.tolerance, vlm, color=BAND, lw=0, zorder=0)
        axes.set_title(f"{title}, % on test")
        light_grid(axes, "x")
    seconds = data.part("times").set_index("method")["build"]
    _seconds(grid[-1], [float(seconds[slug]) for slug in rows["method"]], colours)
    labels = [
        labelled(names.get(str(slug), str(slug)), str(row))
        for slug, row in zip(rows["method"], rows["row"], strict=True)
    ]
    grid[0].set_yticks(range(len(rows)), labels)
    grid[0].set_ylim(len(rows) - 0.5, -0.5)


def _seconds(axes: Axes, seconds: Sequence[float], colours: Sequence[str]) -> None:
    axes.barh(range(len(seconds)), seconds, color=list(colours), height=0.5)
    slowest = max(seconds)
    for place, value in enumerate(seconds):
        cheaper = "" if value == slowest else f" ({slowest / value:.0f} times cheaper)"
        axes.annotate(
            f"{value:.3g}{cheaper}", (value, place), (4, 0), textcoords="offset points",
            va="center", fontsize=8.5, color=colours[place],
        )  # fmt: skip
    axes.set_xlim(0, slowest * ROOM)
    axes.set_title("Seconds per merge")
    light_grid(axes, "x")
