"""Singular values of one family's task vectors, from the folder that `frism svd` wrote."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frism.errors import DataError
from frism.results.layout import existing


def singular_values(subspaces: Path) -> dict[str, NDArray[np.float64]]:
    """Returns S, falling, [r], of each matrix by canonical name; U and Vh are not read.

    Raises:
        DataError: The folder or one of its files is missing.
    """
    from safetensors import safe_open

    found: dict[str, NDArray[np.float64]] = {}
    for manifest in sorted(existing(subspaces).glob("part-*/manifest.json")):
        for name, record in json.loads(manifest.read_text(encoding="utf-8"))["matrices"].items():
            with safe_open(existing(manifest.with_name(record["file"])), framework="numpy") as file:
                found[name] = file.get_tensor("S").astype(np.float64)
    if not found:
        raise DataError(f"{subspaces}: found no matrix, expected parts of `frism svd`; run it")
    return found
