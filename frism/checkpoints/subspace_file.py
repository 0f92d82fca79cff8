"""The file of subspaces: `<name>.U` [m, r], `<name>.S` [r] and `<name>.Vh` [r, n]."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from frism.checkpoints.tensors import TensorFile, write_tensors
from frism.subspaces.decomposition import Subspace

PARTS = ("U", "S", "Vh")


def write_subspaces(
    path: str | Path, subspaces: Mapping[str, Subspace], metadata: Mapping[str, Any]
) -> None:
    """Writes decomposed task vectors by canonical name, atomically."""
    tensors = {
        f"{name}.{part}": tensor
        for name, subspace in subspaces.items()
        for part, tensor in zip(PARTS, subspace, strict=True)
    }
    write_tensors(path, tensors, metadata)


def read_subspace(file: TensorFile, name: str) -> Subspace:
    """Reads the decomposition of one matrix.

    Raises:
        CheckpointError: the file does not hold it.
    """
    return Subspace(*(file[f"{name}.{part}"] for part in PARTS))


def subspace_names(file: TensorFile) -> list[str]:
    """Returns the canonical names of the matrices that the file decomposes."""
    return [name.removesuffix(".S") for name in file.tensors if name.endswith(".S")]
