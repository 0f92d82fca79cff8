"""The scores of all experiments as one table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from frism.errors import DataError
from frism.results.columns import SCORES
from frism.results.frame import KEYS
from frism.results.layout import existing


def collected(tables: Sequence[Path]) -> pd.DataFrame:
    """Returns the rows of all tables, a record that several experiments share once.

    Raises:
        DataError: A table is missing, or two tell different scores of one record.
    """
    scores = pd.concat([pd.read_csv(existing(path)) for path in tables], ignore_index=True)
    unique = scores[SCORES].drop_duplicates().sort_values(KEYS, kind="stable")
    twice = unique[unique.duplicated(KEYS)]
    if len(twice):
        record = "/".join(str(value) for value in twice.iloc[0][KEYS])
        raise DataError(
            f"found two scores of {record}, expected one; make the tables of all experiments again"
        )
    return unique.reset_index(drop=True)
