"""Copies of checkpoints with other names, tensors or configurations."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

Tensors = dict[str, torch.Tensor]


def altered(
    source: Path,
    directory: Path,
    tensors: Callable[[Tensors], Tensors] = dict,
    config: Mapping[str, Any] | None = None,
) -> Path:
    """Copies a checkpoint of one file.

    Args:
        source: The checkpoint.
        directory: The copy.
        tensors: Makes those of the copy from all tensors.
        config: Keys of the configuration that are set; those that are None are removed.
    """
    shutil.copytree(source, directory)
    weights, settings = directory / "model.safetensors", directory / "config.json"
    save_file(tensors(load_file(source / weights.name)), weights, {"format": "pt"})
    changed = json.loads(settings.read_text()) | dict(config or {})
    settings.write_text(json.dumps({k: v for k, v in changed.items() if v is not None}))
    return directory


def renamed_tensors(rename: Callable[[str], str]) -> Callable[[Tensors], Tensors]:
    """Returns a function that gives all tensors other names."""
    return lambda tensors: {rename(name): tensor for name, tensor in tensors.items()}
