"""Free space, looked at before anything is written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from frism.errors import CheckpointError
from frism.hub.reference import HubModel

STEP = 1000
UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def check_space(needed: Mapping[Path, int], model: HubModel) -> None:
    """Checks that each disk has room for what will be written to it.

    Args:
        needed: Bytes by folder; a folder need not exist yet.
        model: What will be written, for the message.

    Raises:
        CheckpointError: a disk has less free space than all its folders need.
    """
    if missing := shortage(needed):
        raise CheckpointError(
            f"{model} {missing}; free some space or point HF_HOME to a larger disk. Nothing was "
            "downloaded"
        )


def shortage(needed: Mapping[Path, int]) -> str:
    """Says which disk has too little free space for what will be written to it, if one has.

    Args:
        needed: Bytes by folder; a folder need not exist yet.
    """
    by_disk: dict[int, tuple[Path, int]] = {}
    for folder, size in needed.items():
        place = _existing(folder)
        disk = place.stat().st_dev
        by_disk[disk] = (place, by_disk.get(disk, (place, 0))[1] + size)
    for place, size in by_disk.values():
        free = shutil.disk_usage(place).free
        if size > free:
            more = f"needs {amount(size)} more on the disk of {place}"
            return f"{more}, which has {amount(free)} free"
    return ""


def amount(size: int) -> str:
    """Returns a size for readers, in decimal units: `15.2 GB`."""
    value, unit = float(size), 0
    while value >= STEP and unit < len(UNITS) - 1:
        value, unit = value / STEP, unit + 1
    return f"{value:.1f} {UNITS[unit]}" if unit else f"{size} {UNITS[0]}"


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.exists())
