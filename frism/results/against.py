"""FRISM against every other line of a table, corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from frism.results.analysis import Analysis
from frism.results.columns import AGAINST_FRISM, bounds
from frism.results.comparison import compare, corrected, outcome
from frism.results.lines import Line


def against(found: Analysis, ours: Line, others: Sequence[Line]) -> dict[str, dict[str, Any]]:
    """Returns the comparison of `ours` with each other line by the line's key, Holm-corrected."""
    return corrected({each.key: compare(found.test, ours.candidate, each) for each in others})


def against_table(found: Analysis, ours: Line) -> pd.DataFrame:
    """Returns a row per other line of the table; an undefined method has none to compare with."""
    others = [each for each in found.defined if each != ours]
    comparisons = against(found, ours, others)
    rows = [_row(each, comparisons[each.key], found.settings.controls) for each in others]
    return pd.DataFrame(rows, columns=AGAINST_FRISM)


def _row(line: Line, comparison: dict[str, Any], controls: Sequence[str]) -> dict[str, object]:
    student, p = comparison["t_interval"], comparison["p"]
    return {
        "method": line.method,
        "row": line.row,
        "parameters": line.parameters,
        **dict(zip(bounds("difference"), comparison["difference"].values(), strict=True)),
        "t_low": student["low"],
        "t_high": student["high"],
        "p_t": p["t"],
        "p_bootstrap": p["bootstrap"],
        "p_holm": p["holm"],
        "control": line.method in controls,
        "verdict": outcome(comparison),
    }
