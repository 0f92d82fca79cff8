"""The file that VLMEvalKit reads for a benchmark: of a large one a table without its images.

Standard library only, since files are checked before anything heavy is loaded.
"""

from __future__ import annotations

import ast
import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

# VLMEvalKit reads <name>_local.tsv in place of a larger <name>.tsv
LARGE = 2**30
LONGEST_FIELD = 2**31 - 1
# a shorter cell in place of an image is the index of the row that has it
LONGEST_REFERENCE = 64

Row = dict[str, str]


def local_file(path: Path) -> Path:
    """Returns where the table of a large file lies whose images are files."""
    return path.with_name(f"{path.stem}_local.tsv")


def is_large(path: Path) -> bool:
    """Tells whether VLMEvalKit reads a file's table without images."""
    return path.stat().st_size > LARGE


def is_localized(path: Path) -> bool:
    """Tells whether a large file's table stands beside it and its first image where it says."""
    table = local_file(path)
    if not table.is_file() or table.stat().st_mtime < path.stat().st_mtime:
        return False
    row = next(read_rows(table), None)
    return row is not None and all(Path(each).is_file() for each in listed(row["image_path"]))


def md5_of(path: Path) -> str:
    """Returns the MD5 (hex) of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def read_cells(path: Path) -> Iterator[list[str]]:
    """Yields the rows of a TSV file, one at a time, the names of its columns first.

    Raises:
        csv.Error: Its quotes are broken, as in a file that was cut off.
        UnicodeDecodeError: It is no UTF-8.
    """
    limit = csv.field_size_limit(LONGEST_FIELD)  # an image is longer than the default allows
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from csv.reader(lines, delimiter="\t", strict=True)
    finally:
        csv.field_size_limit(limit)


def read_rows(path: Path) -> Iterator[Row]:
    """Yields the rows of a TSV file that is sound by the names of its columns."""
    cells = read_cells(path)
    header = next(cells)
    return (dict(zip(header, row, strict=True)) for row in cells)


def listed(cell: str) -> list[str]:
    """Returns the items of a cell that holds a Python list, or the cell itself as the only one.

    Raises:
        ValueError: It looks like a list but is none.
    """
    if not (cell.startswith("[") and cell.endswith("]")):
        return [cell]
    try:
        items = ast.literal_eval(cell)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"found {cell[:40]}; expected a list of quoted texts") from None
    return [str(item) for item in items]


def image_files(cell: str, folder: Path) -> list[Path]:
    """Returns the files that a cell of `image_path` names, one or a list.

    Args:
        cell: Path or list of paths.
        folder: What relative paths start from.

    Raises:
        ValueError: The cell looks like a list but is none.
    """
    return [Path(each) if Path(each).is_file() else folder / each for each in listed(cell)]


def image_folder(path: Path) -> Path:
    """Returns the folder that paths of images of a benchmark file start from."""
    return path.parent / "images" / path.stem.removesuffix("_local")
