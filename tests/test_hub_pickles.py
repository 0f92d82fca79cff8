"""Pickle weights: refused, or read without running them and written as safetensors."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from frism.checkpoints.reader import Checkpoint
from frism.errors import CheckpointError
from frism.hub.pickles import convert, read_pickle
from frism.hub.reference import HubModel
from tests.hub_runs import REPO, HubRuns

MODEL = HubModel(REPO, "main")


class Malicious:
    """Runs a command when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.path}",)


def tied_tensors() -> dict[str, torch.Tensor]:
    shared = torch.arange(12.0).reshape(3, 4)
    return {
        "embed.weight": shared,
        "head.weight": shared,
        "turned.weight": torch.arange(6, dtype=torch.bfloat16).reshape(2, 3).T,
        "steps": torch.tensor([3]),
    }


def write_pickles(folder: Path) -> dict[str, torch.Tensor]:
    """Writes two pickle files with an index, the tied pair in the first."""
    folder.mkdir()
    tensors = tied_tensors()
    names = list(tensors)
    weight_map = dict.fromkeys(names[:2], "p-1.bin") | dict.fromkeys(names[2:], "p-2.bin")
    for file in ("p-1.bin", "p-2.bin"):
        part = {name: tensor for name, tensor in tensors.items() if weight_map[name] == file}
        torch.save(part, folder / file)
    index = json.dumps({"weight_map": weight_map})
    (folder / "pytorch_model.bin.index.json").write_text(index)
    (folder / "config.json").write_text("{}")
    return tensors


def test_pickles_are_refused_unless_allowed(hub: HubRuns) -> None:
    tensors = write_pickles(hub.folder / "model")
    commit = hub.server.add_repo(REPO, "model")
    refused = hub.download(commit)
    assert refused.returncode == 2
    assert f"{REPO}@{commit} has pickle weights only" in refused.stderr
    assert hub.server.asked_for(".bin") == []
    done = hub.download(commit, "--allow-pickle")
    assert done.returncode == 0, done.stderr
    assert not list(hub.output.glob("*.bin*"))
    loaded = Checkpoint(hub.output)
    assert loaded.tensors.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert loaded.tensor(name).dtype == tensor.dtype
        assert torch.equal(loaded.tensor(name), tensor)
    source = hub.source()
    assert source["converted_from_pickle"] is True
    assert set(source["files"]) == {  # type: ignore[call-overload]
        "config.json",
        "p-1.bin",
        "p-2.bin",
        "pytorch_model.bin.index.json",
    }


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_nothing_of_a_malicious_pickle_is_run(tmp_path: Path, zipped: bool) -> None:
    trace = tmp_path / "trace"
    weights = {"a": torch.ones(2), "b": Malicious(trace)}
    file = tmp_path / "pytorch_model.bin"
    torch.save(weights, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match=r"wants to run \w+\.system; .* Nothing of it was"):
        read_pickle(file, MODEL)
    assert not trace.exists()


def test_a_single_file_of_the_old_format(tmp_path: Path) -> None:
    tensors = tied_tensors()
    file = tmp_path / "pytorch_model.bin"
    torch.save(tensors, file, _use_new_zipfile_serialization=False)
    convert([file], tmp_path, MODEL)
    loaded = load_file(tmp_path / "model.safetensors")
    assert all(torch.equal(loaded[name], tensor) for name, tensor in tensors.items())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ([torch.ones(1)], "holds a list"),
        ({"state_dict": {"a": torch.ones(1)}}, "entry 'state_dict' .* is a dict"),
    ],
)
def test_other_contents_are_refused(tmp_path: Path, content: object, found: str) -> None:
    torch.save(content, tmp_path / "x.bin")
    with pytest.raises(CheckpointError, match=found):
        read_pickle(tmp_path / "x.bin", MODEL)


def test_files_that_are_no_pickles_or_share_a_name(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"x\.bin of .* cannot be read \(EOFError\)"):
        read_pickle(tmp_path / "x.bin", MODEL)
    (tmp_path / "x.bin").write_bytes(b"<html>")
    with pytest.raises(CheckpointError, match=r"x\.bin of .* holds more than tensors, or is dam"):
        read_pickle(tmp_path / "x.bin", MODEL)
    for name in ("1.bin", "2.bin"):
        torch.save({"a": torch.ones(1)}, tmp_path / name)
    with pytest.raises(CheckpointError, match=r"tensor 'a' .* is in 2\.bin and in an earlier"):
        convert([tmp_path / "1.bin", tmp_path / "2.bin"], tmp_path, MODEL)
