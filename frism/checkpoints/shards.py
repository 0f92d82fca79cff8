"""The layout of a safetensors file, and writing another one of the same layout tensor by tensor.

A file is the length of its header (8 bytes), the header (JSON) and the tensors' bytes at the places
that the header gives. safetensors' own writer wants all tensors of a file in memory; here the
header is taken over and one tensor is in memory at a time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from frism.checkpoints.ahead import working_threads
from frism.checkpoints.hashing import tensor_bytes
from frism.checkpoints.reader import SINGLE_FILE
from frism.errors import CheckpointError
from frism.files import atomic_file

# Bytes. Of larger ones the system wants larger pages, for which it may have to look long; between
# small ones the thread that merges the next tensor would wait for this one at Python's lock.
PIECE = 1 << 20
# bytes after which the disk is given what it has not begun to write of its own accord
HANDED_OVER = 1 << 26

Read = Callable[[str], torch.Tensor]


@dataclass(frozen=True)
class Layout:
    """Layout of a safetensors file.

    Args:
        header: All that stands before the tensors' bytes.
        ends: Where the bytes of each tensor end, from the start of the file, in their order.
    """

    header: bytes
    ends: Mapping[str, int]


def read_layout(file: Path) -> Layout:
    """Reads the header of a file that safetensors has opened before."""
    with file.open("rb") as stream:
        size = stream.read(8)
        header = size + stream.read(int.from_bytes(size, "little"))
    entries = json.loads(header[8:])
    entries.pop("__metadata__", None)
    places = {name: entry["data_offsets"] for name, entry in entries.items()}
    # of empty tensors at one place any order is right
    ordered = sorted(places, key=lambda name: places[name])
    return Layout(header, {name: len(header) + places[name][1] for name in ordered})


def write_shard(layout: Layout, path: Path, read: Read, told: Iterable[object]) -> None:
    """Writes a file of the given layout, atomically.

    Args:
        layout: Of the file whose names, types and shapes are taken over.
        path: The file to write.
        read: Gives the tensor to store under a name.
        told: Is advanced once for each tensor, to show progress.

    Raises:
        CheckpointError: a tensor does not fill the place that the header gives it.
    """
    progress = iter(told)
    with (
        atomic_file(path) as temporary,
        temporary.open("wb") as stream,
        working_threads(1) as disk,
    ):
        stream.write(layout.header)
        handed_over = 0
        for name, end in layout.ends.items():
            tensor = read(name)
            content = tensor_bytes(tensor)
            for start in range(0, len(content), PIECE):
                stream.write(content[start : start + PIECE])
            if stream.tell() != end:
                raise CheckpointError(
                    f"tensor '{name}' of {path} came out as {tensor.dtype} {list(tensor.shape)}, "
                    f"{stream.tell() - end:+} bytes against the file that it is written like; "
                    "expected type and shape of the VLM's: report it with the merge method"
                )
            if end - handed_over >= HANDED_OVER:
                # a failure shows again when the whole file is synced
                disk.submit(os.fsync, stream.fileno())
                handed_over = end
            next(progress, None)


def shard_names(count: int) -> list[str]:
    """Returns the file names that transformers expects for `count` shards."""
    if count == 1:
        return [SINGLE_FILE]
    return [f"model-{i:05d}-of-{count:05d}.safetensors" for i in range(1, count + 1)]
