"""Hits of all candidates on the same questions, checked to be the same: what pairing rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from frism.errors import DataError
from frism.results.candidates import REFERENCES, Candidate, Rank

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HitTable:
    """Hits of one pair on one split.

    Args:
        pair: Name of the pair.
        split: `validation` or `test`.
        families: Seeds of the families.
        benchmarks: Names of the benchmarks.
        groups: Group of each benchmark.
        candidates: The k candidates: references first, then by method and parameters.
        hits: For each family and benchmark an array [questions, k] of hits in 0..1.
    """

    pair: str
    split: str
    families: tuple[int, ...]
    benchmarks: tuple[str, ...]
    groups: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    hits: tuple[tuple[Array, ...], ...]


def hit_table(frame: pd.DataFrame, pair: str, split: str, groups: Sequence[str]) -> HitTable:
    """Aligns the hits of all candidates question by question.

    Raises:
        DataError: There is no record, or a candidate lacks a family, a benchmark or a question
            that another candidate has.
    """
    chosen = (frame["pair"] == pair) & (frame["split"] == split) & frame["group"].isin(groups)
    rows = frame[chosen]
    if rows.empty:
        raise DataError(f"pair {pair}: found no record of {'/'.join(groups)} on {split}; evaluate")
    families = tuple(sorted(int(family) for family in rows["family"].unique()))
    benchmarks = _benchmarks(rows, groups)
    candidates = _candidates(rows)
    keyed = rows.assign(candidate=_labels(rows)).set_index(["family", "benchmark"]).sort_index()
    hits = tuple(
        tuple(_aligned(keyed, pair, split, family, name, candidates) for name in benchmarks)
        for family in families
    )
    membership = tuple(benchmarks.values())
    return HitTable(pair, split, families, tuple(benchmarks), membership, candidates, hits)


def _benchmarks(rows: pd.DataFrame, groups: Sequence[str]) -> dict[str, str]:
    members = rows[["benchmark", "group"]].drop_duplicates()
    if members["benchmark"].duplicated().any():
        raise DataError(f"a benchmark is in two groups: {members.to_dict('records')}; evaluate")
    ordered = members.sort_values("benchmark").itertuples(index=False)
    pairs = [(str(name), str(group)) for name, group in ordered]
    return dict(sorted(pairs, key=lambda pair: groups.index(pair[1])))


def _candidates(rows: pd.DataFrame) -> tuple[Candidate, ...]:
    unique = rows[["method", "parameters"]].drop_duplicates().itertuples(index=False)
    candidates = [Candidate(str(method), str(parameters)) for method, parameters in unique]
    return tuple(sorted(candidates, key=_rank))


def _rank(candidate: Candidate) -> tuple[int, str, Rank]:
    order = [*REFERENCES, candidate.method].index(candidate.method)
    return order, candidate.method, candidate.rank


def _labels(rows: pd.DataFrame) -> pd.Series:
    return rows["method"] + "|" + rows["parameters"]


def _aligned(
    keyed: pd.DataFrame,
    pair: str,
    split: str,
    family: int,
    benchmark: str,
    candidates: Sequence[Candidate],
) -> Array:
    place = f"pair {pair}, family {family}, {benchmark}, {split}"
    if (family, benchmark) not in keyed.index:
        raise DataError(f"{place}: found no record, expected one of every candidate; evaluate")
    cell = keyed.loc[[(family, benchmark)]]
    table = cell.pivot(index="index", columns="candidate", values="hit")
    table = table.reindex(columns=["|".join(candidate) for candidate in candidates])
    missing = table.isna().sum()
    if missing.any():
        column = int(np.argmax(missing.to_numpy()))
        raise DataError(
            f"{place}: {candidates[column]} has answers to {len(table) - missing.iloc[column]} of "
            f"the {len(table)} questions that others answered, expected all: evaluate it again"
        )
    return table.to_numpy(dtype=np.float64)
