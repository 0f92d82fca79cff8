"""Digests of large files are remembered, but never beyond a change of the file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from frism.checkpoints.hash_cache import FOLDER, identity, known_digests, remember_digests
from frism.checkpoints.hashing import hash_tensors, weights_hash

PAST = 1_500_000_000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache" / "digests"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A checkpoint that was last changed years ago."""
    (tmp_path / "model").mkdir()
    write(tmp_path / "model", 0.0)
    os.utime(tmp_path / "model" / "model.safetensors", (PAST, PAST))
    return tmp_path / "model"


def write(directory: Path, value: float) -> None:
    save_file({"a": torch.full((3,), float(value))}, directory / "model.safetensors")


def hash_of(value: float) -> str:
    return hash_tensors([("a", torch.full((3,), float(value)))])


def poison(cache: Path, content: Any) -> None:
    """Replaces the one entry: whoever gets a wrong hash then has not read the file."""
    (entry,) = cache.iterdir()
    if isinstance(content, dict):
        content = json.dumps(json.loads(entry.read_text()) | content)
    entry.write_text(content)


def test_a_file_that_has_not_changed_is_not_read_again(cache: Path, checkpoint: Path) -> None:
    assert weights_hash(checkpoint) == hash_of(0)
    assert weights_hash(checkpoint) == hash_of(0)
    poison(cache, {"digests": {"a": "wrong"}})
    assert weights_hash(checkpoint) not in (hash_of(0), hash_of(1))


def test_a_changed_content_is_read(cache: Path, checkpoint: Path) -> None:
    file = checkpoint / "model.safetensors"
    weights_hash(checkpoint)
    before = file.stat()
    write(checkpoint, 1)
    # of the same size, and with the old time of last change put back
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert weights_hash(checkpoint) == hash_of(1)


def test_another_time_of_last_change_is_enough(cache: Path, checkpoint: Path) -> None:
    weights_hash(checkpoint)
    poison(cache, {"digests": {"a": "wrong"}})
    os.utime(checkpoint / "model.safetensors", (PAST + 1, PAST + 1))
    assert weights_hash(checkpoint) == hash_of(0)
    assert weights_hash(checkpoint) == hash_of(0)


def test_a_file_changed_a_moment_ago_is_not_remembered(cache: Path, checkpoint: Path) -> None:
    os.utime(checkpoint / "model.safetensors")
    assert weights_hash(checkpoint) == hash_of(0)
    assert not cache.exists()


def test_a_file_changed_while_it_was_read_is_not_remembered(cache: Path, checkpoint: Path) -> None:
    file = checkpoint / "model.safetensors"
    as_read = identity(file)
    write(checkpoint, 1)
    remember_digests(as_read, {"a": "digest of the old content"})
    assert known_digests(as_read) is not None
    assert known_digests(identity(file)) is None
    assert weights_hash(checkpoint) == hash_of(1)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", {"digests": None}, {"digests": {}}])
def test_a_damaged_entry_counts_for_nothing(cache: Path, checkpoint: Path, content: Any) -> None:
    weights_hash(checkpoint)
    poison(cache, content)
    assert weights_hash(checkpoint) == hash_of(0)


def test_a_cache_that_cannot_be_written_is_done_without(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(checkpoint / "model.safetensors"))  # no folder
    assert weights_hash(checkpoint) == hash_of(0)


def test_each_shard_has_an_entry_of_its_own(cache: Path, tmp_path: Path) -> None:
    shards = {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors"}
    for name, file in shards.items():
        save_file({name: torch.ones(2)}, tmp_path / file)
        os.utime(tmp_path / file, (PAST, PAST))
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    both = weights_hash(tmp_path)
    assert both == hash_tensors([(name, torch.ones(2)) for name in shards])
    assert len(list(cache.iterdir())) == 2
    save_file({"b": torch.zeros(2)}, tmp_path / shards["b"])
    changed = hash_tensors([("a", torch.ones(2)), ("b", torch.zeros(2))])
    assert weights_hash(tmp_path) == changed != both
