"""Flags that are parallel lists, one entry per family of models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from frism.errors import ConfigError


def parallel(**lists: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Pairs up the entries of flags, family by family.

    Raises:
        ConfigError: the lists differ in length, or two families have the same output.
    """
    lengths = {f"--{name.replace('_', '-')}": len(entries) for name, entries in lists.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{flag} {length}" for flag, length in lengths.items())
        raise ConfigError(f"lists of different lengths: {found}; expected one entry per family")
    outputs = list(lists.get("output", ()))
    if len(set(outputs)) < len(outputs):
        raise ConfigError("--output names a path twice; expected one of its own for each family")
    return list(zip(*lists.values(), strict=True))
