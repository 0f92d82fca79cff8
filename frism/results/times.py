"""Where the time of an experiment went, by method and stage; and what a set of gates costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from frism.errors import DataError
from frism.results.candidates import CLOSED_FORM, FRISM
from frism.results.cells import Table
from frism.results.columns import TIMES
from frism.results.layout import existing
from frism.results.sweeps import Sweep

SECONDS = "seconds"
STAGES = ["curvature", "gates", "merge", "evaluate"]


def curvature_seconds(files: Sequence[Path]) -> float:
    """Returns the seconds of the curvature passes of all families, 0 without a file.

    Raises:
        DataError: A file is missing or does not tell.
    """
    from frism.checkpoints.tensors import TensorFile

    total = 0.0
    for path in files:
        found = TensorFile(existing(path)).metadata.get(SECONDS)
        if found is None:
            raise DataError(f"{path}: found no {SECONDS} in its metadata; run `frism curvature`")
        total += float(found)
    return total


def times_table(
    sweeps: Sequence[Sweep], curvature: float, sharing: Collection[str]
) -> pd.DataFrame:
    """Returns a row per method, seconds of all candidates and families together.

    Args:
        sweeps: The sweeps of one experiment.
        curvature: Seconds of the curvature passes of all families.
        sharing: Methods whose candidates all rest on that one pass.

    Raises:
        DataError: A method needs the pass, and nothing tells its seconds.
    """
    needing = [each.method for each in sweeps if each.method in sharing and not each.undefined]
    if needing and not curvature:
        raise DataError(
            f"found {needing[0]} and no seconds of the curvature pass that it rests on; give the "
            "files of the curvature by --curvature"
        )
    rows = [
        _row(sweep, curvature if sweep.method in sharing else 0.0)
        for sweep in sweeps
        if sweep.undefined is None
    ]
    return pd.DataFrame(rows, columns=TIMES)


def times_cells(times: pd.DataFrame, names: Mapping[str, str]) -> Table:
    """Returns the table of times as it is read, the most expensive method first."""
    headers = ["Method", "Candidates", *STAGES, "total", "one merge"]
    rows = [
        [
            names.get(str(row["method"]), str(row["method"])),
            f"{row['candidates']}",
            *(f"{row[name]:.1f}" for name in [*STAGES, "total"]),
            f"{row['build']:.2f}",
        ]
        for row in times.sort_values("total", ascending=False, kind="stable").to_dict("records")
    ]
    return Table(headers, rows, [False] * len(rows), words=1)


def times_notes(times: pd.DataFrame) -> list[str]:
    """Returns what the seconds count, and closed-form gates against learned ones."""
    stages = {name: float(times[name].sum()) for name in STAGES}
    parts = ", ".join(f"{name} {value:.0f}" for name, value in stages.items())
    return [
        f"Seconds on validation, all candidates and families together: {parts}. What candidates "
        "share with other methods or experiments counts here as often as it is used; subspaces "
        "count nowhere. One merge: from subspaces to merged weights of one family, mean over the "
        "chosen candidates, the curvature pass included where one is needed.",
        *closed_form(times),
    ]


def closed_form(times: pd.DataFrame) -> list[str]:
    """Returns the seconds of closed-form and learned gates in words, if both are there.

    One set of gates bears the whole curvature pass; a sweep pays it once, since all its
    candidates share it.
    """
    rows = {str(row["method"]): row for row in times.to_dict("records")}
    if not {FRISM, CLOSED_FORM} <= set(rows):
        return []
    learned_one, learned_all = _gates(rows[FRISM])
    closed_one, closed_all = _gates(rows[CLOSED_FORM])
    return [
        f"Gates of one merge of one family: {closed_one:.2f} s in closed form, the curvature pass "
        f"and the formula, against {learned_one:.2f} s of training: "
        f"{_ratio(learned_one, closed_one)}. Gates of all candidates and families: "
        f"{closed_all:.2f} s, one pass per family for all candidates, against {learned_all:.2f} s: "
        f"{_ratio(learned_all, closed_all)}. Both count what prepares "
        "the calibration questions; the subspaces, which both take, count in neither."
    ]


def _gates(row: Mapping[Any, Any]) -> tuple[float, float]:
    """Returns the seconds of one set of gates of one family, and of all sets."""
    sets = row["families"] * row["candidates"]
    one = row["curvature"] / row["families"] + row["gates"] / sets
    return float(one), float(row["curvature"] + row["gates"])


def _ratio(dear: float, cheap: float) -> str:
    return f"{dear / cheap:.1f} times cheaper" if cheap > 0 else "no seconds to compare with"


def _row(sweep: Sweep, curvature: float) -> dict[str, object]:
    families = len(sweep.families)
    chosen = [sweep.candidate(row.chosen) for row in sweep.rows]
    stages = {
        "curvature": curvature,
        # where all candidates share a pass, the sweep tells its seconds with each of them
        "gates": 0.0 if curvature else sum(_sum(each.seconds.gates) for each in sweep.candidates),
        "merge": sum(_sum(each.seconds.merge) for each in sweep.candidates),
        "evaluate": sum(_sum(each.seconds.evaluate) for each in sweep.candidates),
    }
    merging = [
        _sum(each.seconds.merge) + (0.0 if curvature else _sum(each.seconds.gates))
        for each in chosen
    ]
    return {
        "method": sweep.method,
        "candidates": len(sweep.candidates),
        "families": families,
        **stages,
        "total": sum(stages.values()),
        "build": (float(np.mean(merging)) + curvature) / families,
    }


def _sum(values: Sequence[float] | None) -> float:
    return float(sum(values or ()))
