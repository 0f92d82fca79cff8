"""Flags that are parallel lists, one entry per family of models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from frism.errors import ConfigError

# folders that a step writes to; whether they exist already does not matter
WRITTEN = ("output", "store", "family_folders")


def parallel(**lists: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Pairs up the entries of flags, family by family; paths must exist but for those `WRITTEN`.

    Raises:
        ConfigError: the lists differ in length, two families have the same output, or an input
            does not exist. All this is known before any work is done.
    """
    lengths = {f"--{name.replace('_', '-')}": len(entries) for name, entries in lists.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{flag} {length}" for flag, length in lengths.items())
        raise ConfigError(f"lists of different lengths: {found}; expected one entry per family")
    for name in ("output", "family_folders"):
        if len(set(lists.get(name, ()))) < len(lists.get(name, ())):
            raise ConfigError(
                f"--{name.replace('_', '-')} names a path twice; expected one of its own for each "
                "family"
            )
    _check_inputs({name: entries for name, entries in lists.items() if name not in WRITTEN})
    return list(zip(*lists.values(), strict=True))


def _check_inputs(lists: dict[str, Sequence[Any]]) -> None:
    for name, entries in lists.items():
        for path in entries:
            if isinstance(path, Path) and not path.exists():
                raise ConfigError(
                    f"--{name.replace('_', '-')}: {path} does not exist; expected the output of "
                    "an earlier step or a checkpoint"
                )
