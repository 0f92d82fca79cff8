"""The splits of a benchmark and the files that hold their questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from frism.errors import DataError
from frism.evaluation.records import Groups, Split

# as in the names of the TSV files
SUFFIXES: dict[Split, str] = {"validation": "VAL", "test": "TEST"}


def tsv_file(data: Path, benchmark: str, split: Split) -> Path:
    """Returns the file of a benchmark split in a folder of benchmarks."""
    return data / f"{benchmark}_{SUFFIXES[split]}.tsv"


def tsv_files(data: Path, groups: Groups, splits: Iterable[Split]) -> list[Path]:
    """Returns the files of all benchmarks on some splits."""
    names = [name for group in groups.values() for name in group.benchmarks]
    return [tsv_file(data, name, split) for split in splits for name in names]


def check_benchmarks(groups: Groups, data: Iterable[Path], splits: Sequence[Split]) -> None:
    """Checks that there are benchmarks, each in one group, and a file for each of their splits.

    Raises:
        DataError: there is none, one is named twice, or files are missing.
    """
    names = [name for group in groups.values() for name in group.benchmarks]
    if not names or len(names) != len(set(names)):
        raise DataError(f"found benchmarks {names}, expected at least one and each once")
    files = [file for folder in data for file in tsv_files(folder, groups, splits)]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise DataError(f"{len(missing)} files are missing, expected {', '.join(missing[:4])}")
