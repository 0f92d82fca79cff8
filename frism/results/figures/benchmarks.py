"""Every method on every benchmark, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from frism.results.candidates import LRM, PERCEPTION, REASONING
from frism.results.figures.style import light_grid, new_figure

AVERAGE = "average"
TITLES = {REASONING: "VL reasoning", PERCEPTION: "VL perception"}
SPREAD = 0.72


def draw(
    benchmarks: pd.DataFrame,
    main: pd.DataFrame,
    names: Mapping[str, str],
    colours: Mapping[str, str],
) -> Figure:
    """Draws a panel per visual group: a row per benchmark and the group's average on top.

    Args:
        benchmarks: The table of benchmarks, of one pair.
        main: The main table of the pair.
        names: Display name of each method.
        colours: Colour of each method.
    """
    figure = new_figure(9.6, 4.6)
    # blind, the LRM is near zero on both and would halve the scale
    methods = [str(method) for method in main["method"] if method != LRM]
    panels = figure.subplots(1, 2)
    for axes, group in zip(panels, TITLES, strict=True):
        rows = benchmarks[benchmarks["group"] == group]
        labels = [AVERAGE, *dict.fromkeys(rows["benchmark"])]
        for place, method in enumerate(methods):
            offset = SPREAD * ((place + 0.5) / len(methods) - 0.5)
            bounds = _bounds(rows, main, method, group, labels)
            _dots(axes, bounds, offset, colours[method], names.get(method, method))
        _finish(axes, labels, TITLES[group])
    handles, texts = panels[0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside upper left", ncols=len(methods), frameon=False)
    return figure


def _bounds(
    rows: pd.DataFrame, main: pd.DataFrame, method: str, group: str, labels: Sequence[str]
) -> list[tuple[float, float, float]]:
    own = main[main["method"] == method].iloc[0]
    found = [(own[group], own[f"{group}_low"], own[f"{group}_high"])]
    keyed = rows[rows["method"] == method].set_index("benchmark")
    columns = ["score", "score_low", "score_high"]
    return found + [tuple(keyed.loc[label, columns]) for label in labels[1:]]


def _dots(
    axes: Axes,
    bounds: Sequence[tuple[float, float, float]],
    offset: float,
    colour: str,
    label: str,
) -> None:
    for place, (value, low, high) in enumerate(bounds):
        bold = place == 0
        axes.errorbar(
            value, place + offset, xerr=[[value - low], [high - value]], color=colour, fmt="o",
            ms=7.5 if bold else 5, elinewidth=2.4 if bold else 1.4,
            label=label if bold else None,
        )  # fmt: skip


def _finish(axes: Axes, labels: Sequence[str], title: str) -> None:
    axes.axhspan(-0.5, 0.5, color="#F4F4F4", lw=0, zorder=0)
    axes.set_yticks(range(len(labels)), [label.removeprefix("Frism") for label in labels])
    axes.get_yticklabels()[0].set_fontweight("bold")
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlabel("% correct on test, mean over families")
    axes.set_title(title)
    light_grid(axes, "x")
