"""Writing a checkpoint in the layout of the hub: shards by size, an index, every side file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

from frism.checkpoints.reader import INDEX_FILE, SINGLE_FILE, Checkpoint, TensorInfo

SHARD_BYTES = 5_000_000_000
# What tells where one folder came from would be wrong in a copy.
OF_ONE_FOLDER = {"merge_card.json", "source.json"}
_BYTES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4}
_BYTES |= {"F16": 2, "BF16": 2, "I16": 2, "U16": 2}


def plan_shards(tensors: dict[str, TensorInfo], shard_bytes: int = SHARD_BYTES) -> list[list[str]]:
    """Groups tensors, in the given order, into shards of at most `shard_bytes` bytes.

    A tensor that is larger than `shard_bytes` gets a shard of its own.
    """
    shards: list[list[str]] = [[]]
    filled = 0
    for name, info in tensors.items():
        size = tensor_size(info)
        if shards[-1] and filled + size > shard_bytes:
            shards.append([])
            filled = 0
        shards[-1].append(name)
        filled += size
    return shards


def tensor_size(info: TensorInfo) -> int:
    """Returns the number of bytes of a stored tensor."""
    count = 1
    for length in info.shape:
        count *= length
    return count * _BYTES.get(info.dtype, 1)


def write_like(
    template: Checkpoint,
    directory: Path,
    read: Callable[[str], torch.Tensor],
    shard_bytes: int = SHARD_BYTES,
) -> None:
    """Writes tensors with the names, types and shapes of `template`, one shard in memory at a time.

    Args:
        template: The checkpoint whose layout and side files (configuration, tokenizer, processor,
            chat template, ...) are taken over.
        directory: An existing directory, usually one of `frism.files.atomic_directory`.
        read: Gives the tensor to store under a name.
        shard_bytes: Largest size of one file in bytes.
    """
    copy_side_files(template, directory)
    shards = plan_shards(template.tensors, shard_bytes)
    files = shard_names(len(shards))
    for file, names in zip(files, shards, strict=True):
        tensors = {name: read(name).contiguous() for name in names}
        save_file(tensors, directory / file, metadata={"format": "pt"})
        (directory / file).chmod(0o644)  # safetensors makes files that only their owner can read
    if len(shards) > 1:
        _write_index(template, directory / INDEX_FILE, dict(zip(files, shards, strict=True)))


def shard_names(count: int) -> list[str]:
    """Returns the file names that transformers expects for `count` shards."""
    if count == 1:
        return [SINGLE_FILE]
    return [f"model-{i:05d}-of-{count:05d}.safetensors" for i in range(1, count + 1)]


def copy_side_files(template: Checkpoint, directory: Path) -> None:
    """Copies every file but weights, their index and notes of origin, byte for byte."""
    for file in sorted(template.directory.iterdir()):
        if file.is_file() and not _holds_weights(file):
            shutil.copyfile(file, directory / file.name)


def _holds_weights(file: Path) -> bool:
    # .bin and .pth copies of the weights would be loaded in place of the merged ones
    return (
        file.suffix in {".safetensors", ".bin", ".pth", ".pt", ".gguf"}
        or file.name.endswith(".index.json")
        or file.name in OF_ONE_FOLDER
    )


def _write_index(template: Checkpoint, path: Path, shards: dict[str, list[str]]) -> None:
    weight_map = {name: file for file, names in shards.items() for name in names}
    total = sum(tensor_size(info) for info in template.tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    path.write_text(json.dumps(index, indent=2, sort_keys=True) + "\n", encoding="utf-8")
