"""Flags that are parallel lists, one entry per family of models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from frism.errors import ConfigError


def parallel(**lists: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Pairs up the entries of flags, family by family; `output` holds paths to be written.

    Raises:
        ConfigError: the lists differ in length, two families have the same output, or an input
            does not exist. All this is known before any work is done.
    """
    lengths = {f"--{name.replace('_', '-')}": len(entries) for name, entries in lists.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{flag} {length}" for flag, length in lengths.items())
        raise ConfigError(f"lists of different lengths: {found}; expected one entry per family")
    outputs = list(lists["output"])
    if len(set(outputs)) < len(outputs):
        raise ConfigError("--output names a path twice; expected one of its own for each family")
    _check_inputs({name: entries for name, entries in lists.items() if name != "output"})
    return list(zip(*lists.values(), strict=True))


def _check_inputs(lists: dict[str, Sequence[Path | None]]) -> None:
    for name, entries in lists.items():
        for path in entries:
            if path is not None and not path.exists():
                raise ConfigError(
                    f"--{name.replace('_', '-')}: {path} does not exist; expected the output of "
                    "an earlier step or a checkpoint"
                )
