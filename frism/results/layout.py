"""Files and folders of earlier steps."""

from __future__ import annotations

from pathlib import Path

from frism.errors import DataError


def family_seed(family: Path) -> int:
    """Returns the seed in the name of a family's directory, `seed-3`.

    Raises:
        DataError: The directory has another name.
    """
    prefix, _, seed = family.name.rpartition("-")
    if prefix != "seed" or not seed.isdecimal():
        raise DataError(f"{family}: found the name {family.name!r}, expected seed-<number>")
    return int(seed)


def existing(path: Path) -> Path:
    """Returns `path`.

    Raises:
        DataError: Nothing is there.
    """
    if not path.exists():
        raise DataError(f"{path}: not found, expected the output of an earlier step; run it first")
    return path
