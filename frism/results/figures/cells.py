"""Maps of coloured cells with their numbers."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from frism.results.figures.style import GATES

# above this share of the scale a cell is too light for white letters
LIGHT = 0.55
# a map of more cells has no room for numbers
WRITABLE_CELLS = 60


def draw_cells(
    figure: Figure | SubFigure,
    axes: Axes,
    values: NDArray[np.float64],
    text: str,
    scale: Normalize | None = None,
) -> None:
    """Draws a map with a colour bar, and the numbers where there is room; NaN stays empty.

    Args:
        figure: Where the colour bar goes.
        axes: Where the cells go, the first line of values at the top.
        values: What the colours show, [lines, columns].
        text: Format of a number, such as `{:.1f}`.
        scale: Ends of the colours; those of the values where it is not given.
    """
    scale = scale or Normalize(float(np.nanmin(values)), float(np.nanmax(values)))
    image = axes.imshow(values, GATES, scale, aspect="auto", interpolation="nearest")
    if values.size <= WRITABLE_CELLS:
        for (row, column), value in np.ndenumerate(values):
            colour = "black" if scale(value) > LIGHT else "white"
            label = "" if np.isnan(value) else text.format(value)
            axes.text(column, row, label, ha="center", va="center", color=colour, size=8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, fraction=0.05, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=8)
