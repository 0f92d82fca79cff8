"""Writing a checkpoint like another one: its files and names, one tensor in memory at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from frism.checkpoints.ahead import read_ahead
from frism.checkpoints.hashing import tensor_digest
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.shards import read_layout, write_shard
from frism.files import write_text
from frism.progress import progress

Note = Callable[[], Mapping[str, Any]]


def write_like(
    template: Checkpoint,
    directory: Path,
    read: Callable[[str], torch.Tensor],
    note: Note = dict,
) -> dict[str, dict[str, Any]]:
    """Writes a checkpoint with the files, names, types and shapes of `template`.

    A shard that stands there with its notes is not written again, so a checkpoint that was cut
    short goes on at the shard.

    Args:
        template: The checkpoint whose shards, index and side files (configuration, tokenizer,
            processor, chat template, ...) are taken over.
        directory: An existing directory, usually one of `frism.files.resumable_directory`.
        read: Gives the tensor to store under a name.
        note: Is called after each shard; what it returns is kept with the shard.

    Returns:
        For each shard by its name the digests of its tensors, `digests`, and what `note` returned.
    """
    shards = template.weight_files
    notes = {file.name: _known(directory, file.name) for file in shards}
    waiting = [file for file in shards if not notes[file.name]]
    if len(waiting) < len(shards):
        print(f"going on: {len(shards) - len(waiting)} of {len(shards)} shards stand", flush=True)
    total = sum(info.file in waiting for info in template.tensors.values())
    told = progress(range(total), "tensors", total)
    for file in waiting:
        layout, digests = read_layout(file), dict[str, str]()
        sizes = {name: template.info(name).nbytes for name in layout.ends}
        ahead = read_ahead(read, sizes)
        write_shard(layout, directory / file.name, _hashing(ahead, digests), told)
        notes[file.name] = {"digests": digests, **note()}
        write_text(_note_file(directory, file.name), json.dumps(notes[file.name]))
    for file in (*template.index, *template.side_files):
        copy = directory / file.relative_to(template.directory)
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, copy)
    return notes


def _hashing(
    tensors: Iterator[torch.Tensor], digests: dict[str, str]
) -> Callable[[str], torch.Tensor]:
    """Returns a function that gives the next tensor, whatever its name, and notes its digest."""

    def tensor(name: str) -> torch.Tensor:
        found = next(tensors).contiguous()
        digests[name] = tensor_digest(found)
        return found

    return tensor


def _known(directory: Path, shard: str) -> dict[str, Any]:
    file = _note_file(directory, shard)
    if not (directory / shard).is_file() or not file.is_file():
        return {}
    known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return known


def _note_file(directory: Path, shard: str) -> Path:
    return directory / f".{shard}.json"
