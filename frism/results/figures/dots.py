"""Dots with intervals, a line per merge and a panel per quantity: the plot of most experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from frism.results.figures.labels import HALO
from frism.results.figures.style import BAND, FAINT, light_grid, new_figure

LINE_HEIGHT = 0.225
MARGINS = 1.15
# clear of the neighbouring lines, whose height is one
LAST_OF_GROUP = 0.5
Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Line:
    """One line of the plot.

    Args:
        label: Text at the left.
        colour: Colour of dot, interval and label.
        values: Value with lower and upper bound by name of the panel.
        marker: Shape of the dot.
        filled: Whether the dot is filled.
        bold: Whether the label is bold.
        note: Small text at the right.
        reason: What stands there in place of dots, where there are none.
    """

    label: str
    colour: str
    values: Mapping[str, Interval] = field(default_factory=dict)
    marker: str = "o"
    filled: bool = True
    bold: bool = False
    note: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel of the plot.

    Args:
        name: Key of the values.
        title: Headline.
        label: What the axis measures.
        reference: Where the VLM stands.
        tolerated: Points below the reference that the choice allows, or None.
        least: Values below stand at the edge as an arrow with their number, or None.
    """

    name: str
    title: str
    label: str
    reference: float
    tolerated: float | None = None
    least: float | None = None


def dot_plot(lines: Sequence[Line], panels: Sequence[Panel], width: float = 9.6) -> Figure:
    """Draws the lines from top to bottom; a line without values and reason is a headline."""
    figure = new_figure(width, MARGINS + LINE_HEIGHT * len(lines))
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, panel in zip(grid, panels, strict=True):
        _reference(axes, panel)
        for place, line in enumerate(lines):
            if panel.name in line.values:
                _dot(axes, place, line, panel)
        axes.set_title(panel.title)
        axes.set_xlabel(panel.label)
        light_grid(axes, "x")
        if panel.least is not None:
            axes.set_xlim(left=max(panel.least, axes.get_xlim()[0]))
        axes.patch.set_visible(False)
    _labels(grid[0], lines)
    _notes(grid[-1], lines)
    _headlines(grid, lines)
    return figure


def _dot(axes: Axes, place: int, line: Line, panel: Panel) -> None:
    value, low, high = line.values[panel.name]
    if panel.least is not None and value < panel.least:
        _beyond(axes, place, line.colour, value)
        return
    look: dict[str, Any] = {"color": line.colour, "marker": line.marker}
    face = line.colour if line.filled else "white"
    size = 10 if line.marker == "*" else 5
    axes.errorbar(
        value, place, xerr=[[value - low], [high - value]], elinewidth=1.3, ms=size, mfc=face,
        mew=1.1, zorder=4, **look,
    )  # fmt: skip


def _beyond(axes: Axes, place: int, colour: str, value: float) -> None:
    axes.annotate(
        f"◂ {value:.0f}", (0, place), (2, 0), xycoords=axes.get_yaxis_transform(),
        textcoords="offset points", va="center", color=colour, fontsize=8,
    )  # fmt: skip


def _reference(axes: Axes, panel: Panel) -> None:
    axes.axvline(panel.reference, color="black", lw=0.9, zorder=2)
    if panel.tolerated is not None:
        edge = panel.reference - panel.tolerated
        axes.axvspan(edge, panel.reference, color=BAND, lw=0, zorder=0)


def _labels(axes: Axes, lines: Sequence[Line]) -> None:
    axes.set_yticks(range(len(lines)), [line.label for line in lines])
    axes.set_ylim(len(lines) - 0.4, -0.6)
    for text, line in zip(axes.get_yticklabels(), lines, strict=True):
        text.set_color(line.colour)
        text.set_fontweight("bold" if line.bold else "normal")


def _notes(axes: Axes, lines: Sequence[Line]) -> None:
    for place, line in enumerate(lines):
        axes.annotate(
            line.note, (1, place), (4, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", va="center", fontsize=6.5, color=FAINT,
        )  # fmt: skip


def _headlines(grid: Sequence[Axes], lines: Sequence[Line]) -> None:
    for place, line in enumerate(lines):
        if line.reason:
            text = grid[0].text(
                0.01, place, line.reason, transform=grid[0].get_yaxis_transform(), va="center",
                fontsize=7, color=FAINT, style="italic", zorder=5,
                path_effects=HALO,
            )  # fmt: skip
            text.set_in_layout(False)  # it runs on over the next panel
        elif not line.values:
            for axes in grid:
                axes.axhspan(place - 0.5, place + 0.5, color="#F2F2F2", lw=0, zorder=1)
