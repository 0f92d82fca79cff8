"""All records of a configuration as one long frame: a row per question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from frism.errors import DataError
from frism.evaluation.records import Record, read_records
from frism.methods.registry import parameters_slug

KEYS = ["pair", "family", "method", "parameters", "benchmark", "group", "split"]
PER_RECORD = ["weights", "score"]
PER_QUESTION = ["index", "hit", "chain", "cut", "tokens"]


def questions_frame(directories: Sequence[Path]) -> pd.DataFrame:
    """Reads every record of the directories.

    Returns:
        A frame with a row per question and the columns pair, family, method, parameters (the
        slug), benchmark, group, split, weights, score (percent, of the whole record), index,
        hit (0..1), chain, cut and tokens.

    Raises:
        DataError: A directory holds no record, a record is malformed, or two records describe
            the same evaluation.
    """
    seen: dict[tuple[Any, ...], Path] = {}
    frames = []
    for directory in directories:
        for record in read_records(directory):
            frames.append(record_frame(record))
            _refuse_duplicate(frames[-1], directory, seen)
    if not frames:
        raise DataError("found no directory of records, expected at least one: give --records")
    return pd.concat(frames, ignore_index=True)


def record_frame(record: Record) -> pd.DataFrame:
    """Returns the rows of one record.

    Raises:
        DataError: The record holds a question twice.
    """
    columns: Mapping[str, list[Any]] = {
        name: [getattr(question, name) for question in record.questions] for name in PER_QUESTION
    }
    # VLMEvalKit gives numbers or strings as index, depending on the benchmark
    frame = pd.DataFrame(columns).astype({"index": str})
    if frame["index"].duplicated().any():
        raise DataError(
            f"{record.file_name}: found a question twice, expected each once; evaluate again"
        )
    constants = {name: getattr(record, name) for name in [*KEYS, *PER_RECORD]}
    frame = frame.assign(**{**constants, "parameters": parameters_slug(record.parameters)})
    return frame[[*KEYS, *PER_RECORD, *PER_QUESTION]]


def _refuse_duplicate(
    frame: pd.DataFrame, directory: Path, seen: dict[tuple[Any, ...], Path]
) -> None:
    key = tuple(frame.loc[0, KEYS])
    if key in seen:
        raise DataError(
            f"{directory} and {seen[key]}: found two records of {'/'.join(map(str, key))}, "
            "expected one; delete that of the stale weights"
        )
    seen[key] = directory
