"""How concentrated the task vectors are: energy by rank, effective rank by layer and module."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from frism.results.figures.cells import draw_cells
from frism.results.figures.style import light_grid, new_figure
from frism.results.gates import ordered_modules
from frism.results.spectra import Spectrum, spectra_table

ROLES = {"lrm": "LRM minus its base", "vlm": "VLM's language model minus its base"}
GRID = np.linspace(0, 1, 101)
LINES = ("#0072B2", "#56B4E9", "#009E73", "#5E4FA2", "#D55E00", "#E69F00", "#CC79A7")
Array = NDArray[np.float64]


def draw(spectra: Sequence[Spectrum]) -> Figure:
    """Draws a row of panels per task vector: cumulative energy, effective rank, energy.

    Args:
        spectra: The spectra of all families; curves and cells are means over families.
    """
    roles = [role for role in ROLES if any(each.role == role for each in spectra)]
    figure = new_figure(11.2, 3.6 * len(roles))
    parts = figure.subfigures(len(roles), 1, squeeze=False)[:, 0]
    for part, role in zip(parts, roles, strict=True):
        _row(part, [each for each in spectra if each.role == role])
        part.suptitle(ROLES[role], x=0.01, ha="left", fontweight="bold")
    return figure


def cumulative_energy(spectra: Sequence[Spectrum], module: str) -> Array:
    """Returns the mean share of energy in the first share of directions, on `GRID`, [101]."""
    curves = [each.cumulative() for each in spectra if each.module == module]
    shared = [np.interp(GRID, np.linspace(0, 1, len(each)), each) for each in curves]
    return np.asarray(np.mean(shared, axis=0))


def cells(spectra: Sequence[Spectrum], column: str) -> pd.DataFrame:
    """Returns means over families of a column of the table, a line per layer."""
    table = spectra_table(spectra)
    found = table.pivot_table(index="layer", columns="module", values=column, aggfunc="mean")
    return found[ordered_modules(set(table["module"]))]


def _row(part: SubFigure, spectra: Sequence[Spectrum]) -> None:
    curves, ranks, energies = part.subplots(1, 3, width_ratios=[1, 1.15, 1.15])
    modules = ordered_modules({each.module for each in spectra})
    for place, module in enumerate(modules):
        line = "-" if place % len(LINES) < 4 else "--"
        energy = cumulative_energy(spectra, module)
        label = module.removesuffix("_proj")
        curves.plot(GRID, energy, line, color=LINES[place % len(LINES)], lw=1.7, label=label)
    curves.set_title("Cumulative energy")
    curves.set_xlabel("share of directions, largest S first")
    curves.legend(frameon=False, fontsize=8, ncols=2)
    light_grid(curves)
    rank = cells(spectra, "effective_rank")
    _map(part, ranks, rank, "Effective rank", "{:.0f}")
    energy_cells = cells(spectra, "energy")
    share = energy_cells / np.nansum(energy_cells.to_numpy())
    _map(part, energies, 100 * share, "Share of the energy, %", "{:.1f}")


def _map(part: SubFigure, axes: Axes, table: pd.DataFrame, title: str, text: str) -> None:
    draw_cells(part, axes, table.to_numpy(float), text)
    axes.set_xticks(range(len(table.columns)), [str(c).removesuffix("_proj") for c in table])
    axes.set_yticks(range(0, len(table), max(1, len(table) // 8)))
    axes.set_ylabel("layer")
    axes.set_title(title)
