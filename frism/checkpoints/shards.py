"""The layout of a safetensors file, and writing another one of the same layout tensor by tensor.

A file is the length of its header (8 bytes), the header (JSON) and the tensors' bytes at the places
that the header gives. safetensors' own writer wants all tensors of a file in memory; here the
header is taken over and one tensor is in memory at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch

from frism.checkpoints.hashing import tensor_bytes
from frism.errors import CheckpointError
from frism.files import atomic_file

# Bytes. Of larger ones the system wants larger pages, for which it may have to look long.
PIECE = 1 << 18

Read = Callable[[str], torch.Tensor]


@dataclass(frozen=True)
class Layout:
    """Header of a safetensors file, and the names of its tensors in the order of their bytes."""

    header: bytes
    names: tuple[str, ...]


def read_layout(file: Path) -> Layout:
    """Reads the header of a file that safetensors has opened before."""
    with file.open("rb") as stream:
        size = stream.read(8)
        header = size + stream.read(int.from_bytes(size, "little"))
    entries = json.loads(header[8:])
    entries.pop("__metadata__", None)
    # of empty tensors at one place any order is right
    names = sorted(entries, key=lambda name: entries[name]["data_offsets"])
    return Layout(header, tuple(names))


def write_shard(layout: Layout, path: Path, read: Read, told: Iterable[object]) -> None:
    """Writes a file of the given layout, atomically.

    Args:
        layout: Of the file whose names, types and shapes are taken over.
        path: The file to write.
        read: Gives the tensor to store under a name.
        told: Is advanced once for each tensor, to show progress.

    Raises:
        CheckpointError: the tensors do not fill the places that the header gives them.
    """
    progress = iter(told)
    with atomic_file(path) as temporary, temporary.open("wb") as stream:
        stream.write(layout.header)
        for name in layout.names:
            content = tensor_bytes(read(name))
            for start in range(0, len(content), PIECE):
                stream.write(content[start : start + PIECE])
            next(progress, None)
        expected = len(layout.header) + _data_size(layout)
        if stream.tell() != expected:
            raise CheckpointError(
                f"{path} came to {stream.tell()} bytes; expected {expected}: a merged tensor has "
                "another type or shape than the VLM's"
            )


def _data_size(layout: Layout) -> int:
    entries = json.loads(layout.header[8:])
    entries.pop("__metadata__", None)
    return max((entry["data_offsets"][1] for entry in entries.values()), default=0)
