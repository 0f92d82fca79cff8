"""Whether records are those of the models that the sweeps chose."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from frism.errors import DataError
from frism.results.candidates import REFERENCES, Candidate
from frism.results.sweeps import Sweep


def check_pair(frame: pd.DataFrame, pair: str, families: Sequence[int]) -> None:
    """Raises a DataError unless all questions are of one pair and its families."""
    found = frame[["pair", "family"]].drop_duplicates().itertuples(index=False)
    strange = sorted((str(p), int(f)) for p, f in found if p != pair or f not in families)
    if strange:
        raise DataError(
            f"found records of {strange[0][0]}, family {strange[0][1]}; the sweeps are of {pair}, "
            f"families {', '.join(map(str, families))}: give the records of these"
        )


def check_weights(frame: pd.DataFrame, sweeps: Sequence[Sweep]) -> None:
    """Raises a DataError unless the merges' records are of the weights that the sweeps chose."""
    chosen = {
        (each.method, row.chosen, family): weights
        for each in sweeps
        for row in each.rows
        for family, weights in zip(each.families, each.candidate(row.chosen).weights, strict=True)
    }
    keys = ["method", "parameters", "family", "weights"]
    for method, parameters, family, weights in (
        frame[keys].drop_duplicates().itertuples(index=False)
    ):
        expected = chosen.get((method, parameters, family))
        if method not in REFERENCES and expected != weights:
            raise DataError(
                f"{Candidate(method, parameters)}, family {family}: found a record of the weights "
                f"{weights[:16]}, expected {expected or 'none: it was not chosen'}; sweep again"
            )
