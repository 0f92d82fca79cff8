"""One style for all figures: colours that colour-blind readers tell apart, files that repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from frism.files import atomic_file
from frism.methods import groups
from frism.methods.registry import method, methods

# Okabe & Ito (2008); the methods that every configuration has keep their colour everywhere
FIXED = {
    "vlm": "#000000",
    "lrm": "#999999",
    "frism": "#D55E00",
    "task_arithmetic": "#0072B2",
    "matrix_gates": "#009E73",
}
OTHERS = ("#CC79A7", "#E69F00", "#56B4E9", "#8C6D1F", "#5E4FA2")
GROUP_COLOURS = {
    groups.ONE: "#0072B2",
    groups.TWO: "#8F4E79",
    groups.LEARNED: "#00795A",
    groups.CLOSED: "#B07A00",
    groups.CONTROLS: "#707070",
}
# one hue from light to dark: gates are ordered, and grey print keeps the order
GATES = "cividis"
# less than the VLM is red, more is blue
DIFFERENCES = "RdBu"
FAINT = "#888888"
# what loses no more of the VLM's perception than the rule allows
BAND = "#F3E9C6"
HASHED_ID = re.compile(r'(?<=["#])([A-Za-z]+)[0-9a-f]{10}(?=["\)])')
SETTINGS = {
    "figure.dpi": 100,
    "savefig.dpi": 180,
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": "#222222",
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.7,
    # element ids are random unless salted, and text as text would need the reader's fonts
    "svg.hashsalt": "frism",
    "svg.fonttype": "path",
}


def colours(methods: Sequence[str]) -> dict[str, str]:
    """Returns a colour per method; those without a fixed one take turns by their order."""
    free = [method for method in methods if method not in FIXED]
    turns = {method: OTHERS[place % len(OTHERS)] for place, method in enumerate(free)}
    return {method: FIXED.get(method) or turns[method] for method in methods}


def group_colour(slug: str) -> str:
    """Returns the colour of the group that a method belongs to; FRISM has its own."""
    if slug == "frism" or slug not in methods():
        return FIXED.get(slug, FAINT)
    return GROUP_COLOURS[groups.group_of(method(slug))]


def new_figure(width: float, height: float) -> Figure:
    """Returns an empty figure in the common style; sizes in inches."""
    matplotlib.rcParams.update(SETTINGS)
    figure: Figure = plt.figure(figsize=(width, height))
    return figure


def save(figure: Figure, directory: Path, name: str) -> None:
    """Writes `<name>.png` and `<name>.svg` atomically, without dates, and closes the figure."""
    metadata = {"png": {"Software": None}, "svg": {"Date": None, "Creator": "frism"}}
    with matplotlib.rc_context(SETTINGS):
        for extension, entries in metadata.items():
            with atomic_file(directory / f"{name}.{extension}") as temporary:
                figure.savefig(temporary, format=extension, metadata=entries)
                if extension == "svg":
                    svg = temporary.read_text(encoding="utf-8")
                    temporary.write_text(counted_ids(svg), encoding="utf-8")
    plt.close(figure)


def counted_ids(svg: str) -> str:
    """Returns an SVG whose hashed element ids are counted instead.

    Matplotlib hashes coordinates to the last bit, in which its layout differs from run to run;
    the coordinates themselves are written rounded.
    """
    order: dict[str, str] = {}
    return HASHED_ID.sub(lambda m: order.setdefault(m[0], f"{m[1]}{len(order) + 1}"), svg)


def spread(
    places: Sequence[tuple[float, float]], near: float, gap: float
) -> list[tuple[float, float]]:
    """Returns label places, moved up where one is within `near` across and `gap` up of another."""
    moved: dict[int, tuple[float, float]] = {}
    for which in sorted(range(len(places)), key=lambda each: places[each][1]):
        across, up = places[which]
        for other_across, other_up in sorted(moved.values(), key=lambda place: place[1]):
            if abs(other_across - across) < near and abs(other_up - up) < gap:
                up = other_up + gap
        moved[which] = (across, up)
    return [moved[which] for which in range(len(places))]


def light_grid(axes: Axes, axis: str = "both") -> None:
    """Draws a faint grid along `x`, `y` or `both`."""
    axes.grid(visible=True, axis=axis)  # type: ignore[arg-type]
    axes.tick_params(length=0)
