"""Pickle weights read without running them, and written anew as safetensors, shard by shard."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from frism.checkpoints.reader import INDEX_FILE
from frism.checkpoints.shards import shard_names
from frism.errors import CheckpointError
from frism.hub.reference import HubModel

UNREADABLE = (RuntimeError, EOFError, ValueError, LookupError, AttributeError, TypeError)
FORBIDDEN = re.compile(r"GLOBAL ([\w.]+)")


def convert(pickles: Sequence[Path], directory: Path, model: HubModel) -> None:
    """Writes the tensors of pickle files into `directory`, one safetensors file for each.

    Memory stays small, the files are mapped. Names, types and values are those of the pickles;
    tensors that share memory there are written once per name.

    Raises:
        CheckpointError: a file holds anything but tensors by name, or the files share a name.
    """
    weight_map: dict[str, str] = {}
    total = 0
    files = shard_names(len(pickles))
    for pickle, file in zip(pickles, files, strict=True):
        tensors = read_pickle(pickle, model)
        if twice := sorted(weight_map.keys() & tensors.keys()):
            raise CheckpointError(
                f"tensor '{twice[0]}' of {model} is in {pickle.name} and in an earlier file; "
                "expected each tensor once"
            )
        _save(unshared(tensors), directory / file, model)
        weight_map |= dict.fromkeys(tensors, file)
        total += sum(tensor.nbytes for tensor in tensors.values())
    if len(files) > 1:
        index = {"metadata": {"total_size": total}, "weight_map": weight_map}
        text = json.dumps(index, indent=2, sort_keys=True) + "\n"
        (directory / INDEX_FILE).write_text(text, encoding="utf-8")


def _save(tensors: dict[str, torch.Tensor], path: Path, model: HubModel) -> None:
    try:
        save_file(tensors, path, metadata={"format": "pt"})
    except SafetensorError as error:
        raise CheckpointError(f"{path.name} of {model} cannot be written: {error}") from None
    path.chmod(0o644)  # safetensors makes files that only their owner can read


def read_pickle(path: Path, model: HubModel) -> dict[str, torch.Tensor]:
    """Returns the tensors of a pickle file; torch's `weights_only` runs none of its code.

    Raises:
        CheckpointError: it holds anything but tensors by name, code for example.
    """
    try:
        # only the zip format, torch's since 1.6, can be mapped
        content = torch.load(
            path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
        )
    except UnpicklingError as error:
        found = FORBIDDEN.search(str(error))
        what = f"wants to run {found[1]}" if found else "holds more than tensors, or is damaged"
        raise CheckpointError(
            f"{path.name} of {model} {what}; expected tensors alone. Nothing of it was run "
            "(weights_only); do not use this file, choose a revision with safetensors"
        ) from None
    except UNREADABLE as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise CheckpointError(
            f"{path.name} of {model} cannot be read ({reason}); expected a file of torch.save"
        ) from None
    if not isinstance(content, dict):
        raise CheckpointError(
            f"{path.name} of {model} holds a {type(content).__name__}; expected tensors by name"
        )
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise CheckpointError(
                f"entry '{name}' of {path.name} of {model} is a {type(value).__name__}; expected "
                "tensors by name, as save_pretrained writes them"
            )
    return dict(content)


def unshared(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Returns the tensors, those that share memory with an earlier one or have gaps copied."""
    seen: set[int] = set()
    separate: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        storage = tensor.untyped_storage().data_ptr()
        tensor = tensor.clone() if storage in seen else tensor
        separate[name] = tensor.contiguous()
        seen.add(storage)
    return separate
