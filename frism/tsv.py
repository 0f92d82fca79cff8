"""Rows of TSV files as VLMEvalKit writes them: cells hold whole images and may hold line breaks."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from frism.config.schema import shown

LONGEST_FIELD = 2**31 - 1
Columns = tuple[tuple[str, ...], ...]  # of each tuple one is needed


def tsv_rows(file: Path) -> Iterator[list[str]]:
    """Yields the rows of a file, its header first, one at a time.

    Raises:
        OSError, csv.Error: the file cannot be read, or a row cannot be taken apart.
    """
    limit = csv.field_size_limit(LONGEST_FIELD)  # an image is longer than the default allows
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            yield from csv.reader(lines, delimiter="\t")
    finally:
        csv.field_size_limit(limit)


def header_problem(file: Path, expected: Columns) -> str:
    """Says what the first line of a file lacks, or nothing."""
    try:
        columns = next(tsv_rows(file), [])
    except (OSError, csv.Error) as error:
        return f"cannot be read: {error}"
    return columns_problem(columns, expected)


def columns_problem(columns: Sequence[str], expected: Columns) -> str:
    """Says which columns are missing, or nothing."""
    missing = [" or ".join(names) for names in expected if not set(names) & set(columns)]
    if not missing:
        return ""
    found = f"found the columns {shown(', '.join(columns))}" if columns else "found no columns"
    return f"{found}; expected {', '.join(missing)} too; add them to its first line"


def count_rows(file: Path, most: int) -> int:
    """Counts the rows below the header, and stops at `most`."""
    return sum(1 for _ in islice(filter(None, islice(tsv_rows(file), 1, None)), most))
