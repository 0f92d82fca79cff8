"""Every candidate on validation, with what the rule made of it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from frism.results.columns import SWEEP
from frism.results.selection import keeps
from frism.results.sweeps import Averages, Sweep, SweptCandidate, SweptRow

SPLIT = "validation"


def sweep_table(sweeps: Iterable[Sweep], tolerance: float) -> pd.DataFrame:
    """Returns a row per candidate, means over families.

    Args:
        sweeps: The sweeps of one experiment in the order of the table.
        tolerance: Points of the VLM's perception that a chosen merge may lose.
    """
    rows = [
        _row(sweep, sweep.vlm, row, each, tolerance)
        for sweep in sweeps
        if sweep.vlm is not None
        for row in sweep.rows
        for each in sweep.in_row(row.row)
    ]
    own = list(dict.fromkeys(name for row in rows for name in row if name not in SWEEP))
    return pd.DataFrame(rows, columns=[*SWEEP, *sorted(own)])


def _row(
    sweep: Sweep, vlm: Averages, row: SweptRow, each: SweptCandidate, tolerance: float
) -> dict[str, object]:
    reasoning, perception = _mean(each.reasoning), _mean(each.perception)
    return {
        "pair": sweep.pair,
        "experiment": sweep.experiment,
        "method": sweep.method,
        "row": row.row,
        "parameters": each.parameters,
        "chosen": each.parameters == row.chosen,
        "within_tolerance": keeps(perception, _mean(vlm.perception), tolerance),
        "candidates": row.candidates,
        f"{SPLIT}_reasoning": reasoning,
        f"{SPLIT}_perception": perception,
        f"{SPLIT}_reasoning_delta": reasoning - _mean(vlm.reasoning),
        f"{SPLIT}_perception_delta": perception - _mean(vlm.perception),
        "change": _mean(each.change),
        **{f"{SPLIT}_{name}": _mean(values) for name, values in each.benchmarks.items()},
    }


def _mean(values: tuple[float, ...]) -> float:
    return float(np.mean(values))
