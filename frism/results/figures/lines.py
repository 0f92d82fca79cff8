"""From a line of a table to a line of a plot: its marks, bounds and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from frism.methods.method import Value
from frism.methods.registry import parse_parameters
from frism.results.candidates import FRISM, PERCEPTION, REASONING
from frism.results.figures.dots import Interval, Line
from frism.results.figures.style import group_colour
from frism.results.marks import BEST, TIED

TITLES = {REASONING: "VL reasoning", PERCEPTION: "VL perception"}
MARKS: dict[str, dict[str, Any]] = {
    "best in reasoning": {"marker": "*", "ms": 10},
    "not significantly different from the best": {"marker": "o", "ms": 5},
    "different": {"marker": "o", "ms": 5, "mfc": "white"},
}
UNMET = " †"


def line_of(row: pd.Series, label: str, suffix: str = "", by: Sequence[str] = ()) -> Line:
    """Returns the line of a merge, or of a method that is not defined for the pair.

    Args:
        row: Line of the experiment's table.
        label: Its name.
        suffix: `_delta` for differences to the VLM, nothing for the values themselves.
        by: Parameters that the name tells already.
    """
    slug = str(row["method"])
    if row["undefined"]:
        reason = str(row["undefined"]).partition(";")[0]
        return Line(label, group_colour(slug), reason=f"not defined: {reason}")
    return Line(
        label=label if row["constraint_met"] else label + UNMET,
        colour=group_colour(slug),
        values={name: interval(row, f"{name}{suffix}") for name in TITLES},
        marker="*" if row["mark"] == BEST else "o",
        filled=row["mark"] in (BEST, TIED),
        bold=slug == FRISM,
        note=_note(str(row["parameters"]), by),
    )


def interval(row: pd.Series, name: str) -> Interval:
    """Returns a value of a line with its bounds."""
    value, low, high = (float(row[f"{name}{bound}"]) for bound in ("", "_low", "_high"))
    return value, low, high


def value_text(value: Value) -> str:
    """Returns a parameter's value as it is read."""
    return value.replace("_", " ") if isinstance(value, str) else f"{value:g}"


def _note(parameters: str, by: Sequence[str]) -> str:
    kept = {name: v for name, v in parse_parameters(parameters).items() if name not in by}
    return ", ".join(f"{name} {value_text(value)}" for name, value in kept.items())


def explain_marks(figure: Figure, lines: Sequence[Line]) -> None:
    """Writes above the plot what stars, dots and daggers mean."""
    handles = [
        Line2D([], [], color="#444444", ls="none", label=label, **look)
        for label, look in MARKS.items()
    ]
    if any(line.label.endswith(UNMET) for line in lines):
        label = f"{UNMET.strip()} no candidate kept perception on validation"
        handles.append(Line2D([], [], ls="none", label=label))
    figure.legend(handles=handles, loc="outside upper left", ncols=4, frameon=False, fontsize=8)
