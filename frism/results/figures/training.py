"""The training of the gates: objective, injection and the share of open gates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from frism.errors import DataError
from frism.results.figures.style import OTHERS, light_grid, new_figure
from frism.results.gates import Array
from frism.results.layout import existing

KL = "kl"
PANELS = {
    KL: "Distillation: KL to the VLM",
    "injection": "Injection term",
    "open": "Share of gates above one half",
}
# the KL of a few batches is tens of times larger than that of the others and would rule a mean
HALF_WINDOW = 7
COLUMNS = 4
ENTRY_HEIGHT = 0.17
History = dict[str, Array]


def read_history(path: Path) -> History:
    """Reads the training history of one family: for each panel a value per step, [steps].

    Raises:
        DataError: The file is missing or has no steps.
    """
    steps = json.loads(existing(path).read_text(encoding="utf-8")).get("steps")
    if not steps:
        raise DataError(f"{path}: found no steps, expected a record per step; train the gates")
    return {name: np.array([step[name] for step in steps]) for name in PANELS if name in steps[0]}


def draw(
    histories: Mapping[str, Sequence[History]],
    names: Mapping[str, str],
    colours: Mapping[str, str],
) -> Figure:
    """Draws a thin line per family and a thick one of them all, for each method with gates.

    Args:
        histories: The histories of a method's families.
        names: Display name of each method.
        colours: Colour of each method; those that share one differ in their dashes.
    """
    rows = -(-len(histories) // COLUMNS)
    figure = new_figure(9.6, 3.1 + ENTRY_HEIGHT * rows)
    panels = figure.subplots(1, len(PANELS))
    dashes = _dashes(histories, colours)
    for axes, (quantity, title) in zip(panels, PANELS.items(), strict=True):
        for method, families in histories.items():
            curves = [history[quantity] for history in families if quantity in history]
            if not curves:
                continue
            colour, dash = colours[method], dashes[method]
            for curve in curves:
                axes.plot(curve, color=colour, lw=0.5, alpha=0.25)
            thick = running_median(curves) if quantity == KL else np.mean(curves, axis=0)
            axes.plot(thick, dash, color=colour, lw=1.8, label=names.get(method, method))
        axes.set_title(title)
        axes.set_xlabel("step")
        light_grid(axes, "y")
    panels[0].set_yscale("log", nonpositive="mask")
    panels[-1].set_ylim(-0.02, 1.02)
    handles, labels = panels[-1].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper left", ncols=COLUMNS, frameon=False, fontsize=8
    )
    return figure


def running_median(curves: Sequence[Array]) -> Array:
    """Returns the median over families and over up to 15 steps around each step, [steps]."""
    stacked = np.stack(curves)
    starts = [max(0, step - HALF_WINDOW) for step in range(stacked.shape[1])]
    ends = range(HALF_WINDOW + 1, HALF_WINDOW + 1 + stacked.shape[1])
    return np.array([np.median(stacked[:, a:b]) for a, b in zip(starts, ends, strict=True)])


def _dashes(methods: Mapping[str, object], colours: Mapping[str, str]) -> dict[str, str]:
    seen: dict[str, int] = dict.fromkeys(OTHERS, 0)
    found = {}
    for method in methods:
        turn = seen.get(colours[method], 0)
        seen[colours[method]] = turn + 1
        found[method] = ("-", "--", ":")[turn % 3]
    return found
