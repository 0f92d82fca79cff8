"""Where the gates open: by layer, module and rank."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure, SubFigure

from frism.results.figures.style import FAINT, FIXED, GATES, light_grid, new_figure
from frism.results.gates import MatrixGates, by_rank, injected_energy, modules_of

BINS = 48
SCALE = Normalize(0, 1)
WRITABLE_CELLS = 60
HEADROOM = 1.25


def draw(matrices: Sequence[MatrixGates]) -> Figure:
    """Draws gate values by rank per module, the energy let through, and their distribution.

    Args:
        matrices: The gates of all families; cells of the maps are means over families.
    """
    figure = new_figure(9.6, 6.6)
    parts = figure.subfigures(2, 1, height_ratios=[1.25, 1], squeeze=False)
    _rank_maps(parts[0, 0], matrices)
    left, right = parts[1, 0].subplots(1, 2, width_ratios=[1.1, 1])
    _energy_map(left, matrices)
    _distribution(right, matrices)
    return figure


def _rank_maps(figure: SubFigure, matrices: Sequence[MatrixGates]) -> None:
    modules = modules_of(matrices)
    columns = 4
    grid = figure.subplots(ceil(len(modules) / columns), columns, squeeze=False)
    bins = min(BINS, *(len(each.values) for each in matrices))
    for axes, module in zip(grid.flat, modules, strict=False):
        _map(axes, by_rank(matrices, module, bins), (0, 1))
        axes.set_title(module, fontsize=9)
        axes.set_xticks([])
    for axes in grid[:, 0]:
        axes.set_ylabel("layer")
    for axes in list(grid.flat)[max(0, len(modules) - columns) : len(modules)]:
        axes.set_xlabel("rank: largest to smallest S", fontsize=8)
    for axes in list(grid.flat)[len(modules) :]:
        axes.set_axis_off()
    figure.suptitle(
        "Gate value by rank of the singular direction", x=0.01, ha="left", fontweight="bold"
    )
    colours = ScalarMappable(SCALE, GATES)
    figure.colorbar(colours, ax=grid, label=r"gate $\sigma(g)$", fraction=0.025, pad=0.01)


def _map(axes: Axes, values: np.ndarray, across: tuple[float, float]) -> None:
    layers = len(values)
    extent = (*across, layers - 0.5, -0.5)
    axes.imshow(values, GATES, SCALE, aspect="auto", interpolation="nearest", extent=extent)
    axes.set_yticks(range(0, layers, max(1, layers // 4)))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _energy_map(axes: Axes, matrices: Sequence[MatrixGates]) -> None:
    values, modules = injected_energy(matrices), modules_of(matrices)
    _map(axes, values, (-0.5, len(modules) - 0.5))
    labels = [module.removesuffix("_proj") for module in modules]
    axes.set_xticks(range(len(modules)), labels)
    axes.set_ylabel("layer")
    axes.set_title("Share of the task vector's energy let through")
    if values.size <= WRITABLE_CELLS:
        for (row, column), value in np.ndenumerate(values):
            colour = "black" if value > 0.55 else "white"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour, size=8)


def _distribution(axes: Axes, matrices: Sequence[MatrixGates]) -> None:
    values = np.concatenate([each.values for each in matrices])
    energy = np.concatenate([each.singular**2 for each in matrices])
    edges = [place / 40 for place in range(41)]
    share = np.full(len(values), 1 / len(values))
    axes.hist(values, edges, weights=share, color=FIXED["frism"], alpha=0.8)
    axes.hist(values, edges, weights=energy / energy.sum(), histtype="step", color="black", lw=1.4)
    # every gate starts at one half: what moved away was moved by the objective
    axes.axvline(0.5, color=FAINT, lw=0.9, ls=":")
    axes.set_xlabel(r"gate $\sigma(g)$; training starts at 0.5")
    axes.set_ylabel("share")
    axes.set_title("Distribution over directions")
    axes.set_ylim(top=HEADROOM * axes.get_ylim()[1])
    place: dict[str, Any] = {"transform": axes.transAxes, "va": "top"}
    axes.text(0.02, 0.98, "filled: directions", color=FIXED["frism"], **place)
    axes.text(0.02, 0.89, "line: directions weighted by energy $S^2$", **place)
    light_grid(axes, "y")
