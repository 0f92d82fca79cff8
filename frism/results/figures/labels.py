"""Labels of curves that stand clear of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from frism.results.candidates import Candidate
from frism.results.figures.style import spread

HALO = (withStroke(linewidth=2.5, foreground="white"),)
FIXED_LABEL, CHOSEN, CANDIDATE = "label", "chosen", "candidate"
STARS_AND_VLM = ("*", "D")
# below and to the right of a point, and clear of the larger star of a chosen one
BESIDE, BESIDE_STAR = (5, -9), (9, -14)
# sizes of a method's label as shares of the axes
GAP, WIDTH = 0.05, 0.2


def label_methods(
    axes: Axes,
    curves: Mapping[str, NDArray[np.float64]],
    names: Mapping[str, str],
    colours: Mapping[str, str],
) -> None:
    """Writes each method's name beside the free end of its curve, away from the curve.

    Args:
        axes: Where the curves are drawn.
        curves: The points of each method's curve, [points, 2]; the last one is the free end.
        names: Display name of each method.
        colours: Colour of each method.
    """
    gap, near = GAP * float(np.ptp(axes.get_ylim())), WIDTH * float(np.ptp(axes.get_xlim()))
    ends = [(float(points[-1, 0]), float(points[-1, 1])) for points in curves.values()]
    places = spread(ends, near, gap)
    for (method, points), place in zip(curves.items(), places, strict=True):
        leftwards = points[-1, 0] <= points[-2, 0]
        axes.annotate(
            names.get(method, method), place, (-7 if leftwards else 7, 2),
            textcoords="offset points", color=colours[method], fontweight="bold",
            ha="right" if leftwards else "left", path_effects=HALO, gid=FIXED_LABEL, zorder=7,
        )  # fmt: skip


def leave_room(axes: Axes, curves: Mapping[str, NDArray[np.float64]]) -> None:
    """Widens the axes where a method's name would run over their left edge."""
    left, right = axes.get_xlim()
    ends = min(float(points[-1, 0]) for points in curves.values())
    axes.set_xlim(min(left, ends - WIDTH * (right - left)), right)


def note_coefficients(
    axes: Axes,
    points: NDArray[np.float64],
    candidates: Sequence[Candidate],
    chosen: Sequence[bool],
    colour: str,
) -> None:
    """Writes beside each point the value of the parameter that the curve runs over."""
    values = [each.values for each in candidates]
    runs = [len(set(column)) > 1 for column in zip(*values, strict=True)]
    place = runs.index(True) if True in runs else 0
    for point, value, star in zip(points, values, chosen, strict=True):
        axes.annotate(
            f"{value[place]:g}", point, BESIDE_STAR if star else BESIDE,
            textcoords="offset points", fontsize=7, color=colour, path_effects=HALO, zorder=6,
            gid=CHOSEN if star else CANDIDATE,
        )  # fmt: skip


def drop_overlapping(figure: Figure, axes: Axes) -> None:
    """Removes coefficients that would cover a name, a star, the VLM's mark or each other.

    Those of chosen candidates take their place first.
    """
    figure.draw_without_rendering()  # settles the layout, which decides what overlaps
    notes = [text for gid in (CHOSEN, CANDIDATE) for text in axes.texts if text.get_gid() == gid]
    marks = [line for line in axes.lines if line.get_marker() in STARS_AND_VLM]
    labels = [text for text in axes.texts if text.get_gid() == FIXED_LABEL]
    taken = [each.get_window_extent() for each in (*marks, *labels)]
    for note in notes:
        extent = note.get_window_extent()
        if any(extent.overlaps(other) for other in taken):
            note.remove()
        else:
            taken.append(extent)
