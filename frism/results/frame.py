"""All records of an experiment as one long frame: a row per question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from frism.errors import DataError
from frism.evaluation.records import Record, read_record
from frism.methods.registry import parameters_slug
from frism.results.sweeps import Sweep

KEYS = ["pair", "family", "method", "parameters", "benchmark", "group", "split"]
PER_RECORD = ["weights", "score"]
PER_QUESTION = ["index", "hit", "chain", "cut", "tokens"]


def questions_frame(directories: Sequence[Path]) -> pd.DataFrame:
    """Reads every record below the directories.

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
    for path in (path for directory in directories for path in record_files(directory)):
        frames.append(record_frame(read_record(path)))
        _refuse_duplicate(frames[-1], path, seen)
    if not frames:
        raise DataError("found no directory of records, expected at least one: give --references")
    return pd.concat(frames, ignore_index=True)


def records_below(folders: Sequence[Path], sweeps: Sequence[Sweep]) -> list[Path]:
    """Returns the folders of test records of the sweeps; a method that is undefined has none."""
    pairs = zip(folders, sweeps, strict=True)
    return [folder / "records" for folder, sweep in pairs if sweep.undefined is None]


def record_files(directory: Path) -> list[Path]:
    """Returns the files of all records in a directory and the folders in it, by name.

    Raises:
        DataError: There is none.
    """
    found = sorted(directory.rglob("*.json"))
    if not found:
        raise DataError(f"no record found in {directory}; expected *.json, run the evaluation")
    return found


def record_frame(record: Record) -> pd.DataFrame:
    """Returns the rows of one record.

    Raises:
        DataError: The record holds a question twice.
    """
    count = len(record.questions)
    columns: dict[str, list[Any]] = {
        name: [getattr(record, name)] * count for name in [*KEYS, *PER_RECORD]
    }
    columns["parameters"] = [parameters_slug(record.parameters)] * count
    for name in PER_QUESTION:
        columns[name] = [getattr(question, name) for question in record.questions]
    # VLMEvalKit gives numbers or strings as index, depending on the benchmark
    columns["index"] = [str(index) for index in columns["index"]]
    if len(set(columns["index"])) < count:
        raise DataError(
            f"{record.file_name}: found a question twice, expected each once; evaluate again"
        )
    return pd.DataFrame(columns)


def _refuse_duplicate(frame: pd.DataFrame, path: Path, seen: dict[tuple[Any, ...], Path]) -> None:
    key = tuple(frame.loc[0, KEYS])
    if key in seen:
        raise DataError(
            f"{path} and {seen[key]}: found two records of {'/'.join(map(str, key))}, "
            "expected one; delete that of the stale weights"
        )
    seen[key] = path
