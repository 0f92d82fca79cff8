"""Single safetensors files of task vectors, subspaces and gates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from frism.checkpoints.tensor_info import TensorInfo, read_headers, read_tensor
from frism.errors import CheckpointError
from frism.files import atomic_file

# safetensors writes metadata in random order, so all of it goes under one key to keep files equal
METADATA_KEY = "frism"


class TensorFile:
    """A safetensors file whose tensors are read when they are asked for.

    Args:
        path: The file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.tensors: dict[str, TensorInfo] = dict(sorted(read_headers(self.path).items()))
        with safe_open(self.path, framework="pt") as handle:
            stored = handle.metadata() or {}
        self.metadata: dict[str, Any] = json.loads(stored.get(METADATA_KEY, "{}"))

    def __getitem__(self, name: str) -> torch.Tensor:
        """Reads tensor `name`.

        Raises:
            CheckpointError: the file holds no such tensor.
        """
        if name not in self.tensors:
            raise CheckpointError(
                f"tensor '{name}' is missing from {self.path} ({len(self.tensors)} tensors there); "
                "was the file made from the same pair of models?"
            )
        return read_tensor(self.path, name)


def write_tensors(
    path: str | Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, Any]
) -> None:
    """Writes `tensors` and `metadata` (JSON values) to one safetensors file, atomically."""
    ordered = {name: tensors[name].detach().contiguous() for name in sorted(tensors)}
    header = {METADATA_KEY: json.dumps(dict(metadata), sort_keys=True)}
    with atomic_file(path) as temporary:
        save_file(ordered, temporary, metadata=header)
