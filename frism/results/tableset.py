"""The tables of one pair, read back from where `frism tables` wrote them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from frism.errors import DataError
from frism.results.candidates import REFERENCES, Candidate
from frism.results.layout import existing

LONG = ("scores", "sweep", "benchmarks")


@dataclass(frozen=True)
class Tables:
    """The tables of one pair; `scores`, `sweep` and `benchmarks` hold its rows only."""

    pair: str
    scores: pd.DataFrame
    sweep: pd.DataFrame
    benchmarks: pd.DataFrame
    main: pd.DataFrame
    claim: dict[str, Any]

    def chosen(self) -> dict[str, Candidate]:
        """Returns the chosen candidate of each merge method in the order of the main table."""
        rows = zip(self.main["method"], self.main["parameters"], strict=True)
        return {m: Candidate(str(m), str(p)) for m, p in rows if m not in REFERENCES}


def read_tables(directory: Path, families: Sequence[Path]) -> Tables:
    """Reads the tables of the pair that the families belong to.

    Args:
        directory: What `frism tables` wrote.
        families: Directories `<pair>/seed-<seed>`.

    Raises:
        DataError: The families are of several pairs, or a table or the pair is not there.
    """
    pairs = sorted({family.resolve().parent.name for family in families})
    if len(pairs) != 1:
        raise DataError(f"--families: found the pairs {', '.join(pairs)}, expected one at a time")
    pair = pairs[0]
    scores, sweep, benchmarks = (_rows(directory / f"{name}.csv", pair) for name in LONG)
    # a folder with the pair's name may be stale: the pair may have become the first one since
    own = directory if _claim(directory)["pair"] == pair else directory / pair
    claim = _claim(own)
    if claim["pair"] != pair:
        raise DataError(f"{own}: found tables of {claim['pair']}, expected {pair}; make tables")
    main = pd.read_csv(existing(own / "main.csv"))
    return Tables(pair, scores, sweep, benchmarks, main, claim)


def _claim(directory: Path) -> dict[str, Any]:
    claim: dict[str, Any] = json.loads(existing(directory / "claim.json").read_text("utf-8"))
    return claim


def _rows(path: Path, pair: str) -> pd.DataFrame:
    table = pd.read_csv(existing(path))
    return table[table["pair"] == pair]
