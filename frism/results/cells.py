"""The tables of an experiment as they are read: headers and cells of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from frism.methods.registry import NO_PARAMETERS
from frism.results.candidates import VLM
from frism.results.marks import BEST, TIED
from frism.results.wording import p_text

Names = Mapping[str, str]
SIGNS = {BEST: "★", TIED: "≈"}
UNMET = "†"
NOTHING = "—"
AVERAGES = {"reasoning": "VL reasoning", "perception": "VL perception"}
DELTAS = {"reasoning_delta": "Δ reasoning", "perception_delta": "Δ perception"}


@dataclass(frozen=True)
class Table:
    """A table as text.

    Args:
        headers: Of each column; the first `words` columns are words, the others numbers.
        rows: Cells by row.
        bold: Which rows stand out.
        words: How many columns hold words.
    """

    headers: list[str]
    rows: list[list[str]]
    bold: list[bool]
    words: int = 2


def lines_cells(lines: pd.DataFrame, names: Names) -> Table:
    """Returns the main table: values with intervals, differences with signs, marks, p-values."""
    headers = ["Method", "Parameters", *AVERAGES.values(), *DELTAS.values(), "p (Holm)", ""]
    headers.insert(2, "Candidates")
    records = lines.to_dict("records")
    rows = [_line(row, names) for row in records]
    return Table(headers, rows, [row["mark"] == BEST for row in records])


def sweep_cells(sweep: pd.DataFrame, names: Names) -> Table:
    """Returns every candidate on validation; a star marks what was chosen."""
    headers = ["Method", "Parameters", "Chosen", "Perception kept", *AVERAGES.values()]
    headers += [*DELTAS.values(), "Change of weights"]
    records = sweep.to_dict("records")
    values = [f"validation_{name}" for name in AVERAGES]
    deltas = [f"validation_{name}" for name in DELTAS]
    rows = [
        [
            names.get(row["method"], row["method"]),
            _parameters(row),
            "★" if row["chosen"] else "",
            "yes" if row["within_tolerance"] else "no",
            *(f"{row[name]:.1f}" for name in values),
            *(f"{row[name]:+.1f}" for name in deltas),
            f"{row['change']:.4f}",
        ]
        for row in records
    ]
    return Table(headers, rows, [bool(row["chosen"]) for row in records], words=4)


def against_cells(table: pd.DataFrame, names: Names) -> Table:
    """Returns FRISM's reasoning minus every other line's."""
    headers = ["FRISM minus", "Parameters", "Δ reasoning", "Student's interval", "p (Holm)"]
    headers.append("FRISM's reasoning")
    records = table.to_dict("records")
    rows = [
        [
            names.get(row["method"], row["method"]) + (" (control)" if row["control"] else ""),
            _parameters(row),
            with_interval(row, "difference", "+"),
            NOTHING if pd.isna(row["t_low"]) else f"[{row['t_low']:+.1f}, {row['t_high']:+.1f}]",
            p_text(row["p_holm"]),
            row["verdict"],
        ]
        for row in records
    ]
    return Table(headers, rows, [False] * len(rows))


def _line(row: Mapping[Any, Any], names: Names) -> list[str]:
    name = names.get(row["method"], row["method"])
    if not pd.isna(row["undefined"]):
        return [name, f"not defined: it {row['undefined']}", *[NOTHING] * 6, ""]
    reference, own = pd.isna(row["candidates"]), row["method"] == VLM
    unmet = not reference and not row["constraint_met"]
    return [
        f"{name} {UNMET}" if unmet else name,
        _parameters(row),
        NOTHING if reference else str(row["candidates"]),
        *(with_interval(row, each, "") for each in AVERAGES),
        *(NOTHING if own else with_interval(row, each, "+") for each in DELTAS),
        NOTHING if reference else p_text(row["p_holm"]),
        SIGNS.get(row["mark"], ""),
    ]


def _parameters(row: Mapping[Any, Any]) -> str:
    return "" if row["parameters"] == NO_PARAMETERS else str(row["parameters"])


def with_interval(row: Mapping[Any, Any], name: str, sign: str) -> str:
    """Returns a value of a row with its interval; `sign` is `+` for differences."""
    value, low, high = (row[f"{name}{bound}"] for bound in ("", "_low", "_high"))
    return f"{value:{sign}.1f} [{low:{sign}.1f}, {high:{sign}.1f}]"
