"""Reading, writing, hashing and naming of checkpoints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2ForCausalLM

from frism.checkpoints.hashing import combined_hash, hash_tensors, weights_hash
from frism.checkpoints.key_map import causal_lm
from frism.checkpoints.names import in_order
from frism.checkpoints.reader import INDEX_FILE, SINGLE_FILE, Checkpoint
from frism.checkpoints.tensors import TensorFile, write_tensors
from frism.checkpoints.writer import write_like
from frism.errors import CheckpointError
from frism.injection.decoder import matrices
from tests.pico import MATRICES, Pico, make_pico

NAME = "model.layers.1.mlp.up_proj.weight"


def write_weights(directory: Path, tensors: dict[str, torch.Tensor]) -> Checkpoint:
    directory.mkdir()
    save_file(tensors, directory / SINGLE_FILE)
    (directory / "config.json").write_text("{}")
    return Checkpoint(directory)


def test_names_of_file_and_memory_agree(pico: Pico) -> None:
    lrm, vlm = causal_lm(Checkpoint(pico.lrm)), causal_lm(Checkpoint(pico.vlm))
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(pico.vlm)
    assert set(lrm.matrices) == set(vlm.matrices) == set(matrices(model))
    assert len(lrm.matrices) == MATRICES
    assert lrm.vectors.keys() == vlm.vectors.keys()
    assert any(name.startswith("visual.") for name in vlm.checkpoint.tensors)


def test_names_are_in_order_of_layers() -> None:
    names = [f"model.layers.{layer}.mlp.up_proj.weight" for layer in (10, 9, 2)]
    assert in_order(["model.norm.weight", *names]) == [*names[::-1], "model.norm.weight"]


def test_reading_gives_what_transformers_saved(pico: Pico) -> None:
    checkpoint = Checkpoint(pico.lrm)
    model = Qwen2ForCausalLM.from_pretrained(pico.lrm)
    assert "lm_head.weight" not in checkpoint.tensors  # tied
    for name, parameter in model.named_parameters():
        assert torch.equal(checkpoint.tensor(name), parameter)
        assert checkpoint.info(name).shape == tuple(parameter.shape)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_hash_does_not_depend_on_sharding(tmp_path: Path, dtype: torch.dtype) -> None:
    whole = make_pico(tmp_path / "whole", tied=False, dtype=dtype)
    parts = make_pico(tmp_path / "parts", tied=False, dtype=dtype, max_shard_size="20KB")
    assert len(Checkpoint(whole.vlm).weight_files) == 1
    assert len(Checkpoint(parts.vlm).weight_files) > 2
    assert weights_hash(whole.vlm) == weights_hash(parts.vlm)
    assert "lm_head.weight" in Checkpoint(parts.vlm).tensors


@pytest.mark.parametrize(
    "changed",
    [
        {"b": torch.zeros(2, 3)},
        {"a": torch.zeros(3, 2)},
        {"a": torch.zeros(2, 3, dtype=torch.int32)},
        {"a": torch.zeros(2, 3).index_put((torch.tensor(1), torch.tensor(2)), torch.tensor(1.0))},
        {"a": torch.full((2, 3), -0.0)},
    ],
)
def test_hash_sees_name_shape_type_and_bits(changed: dict[str, torch.Tensor]) -> None:
    assert hash_tensors(changed.items()) != hash_tensors([("a", torch.zeros(2, 3))])


@pytest.mark.parametrize("size", ["20KB", "5GB"])
def test_written_copy_is_the_same_checkpoint(tmp_path: Path, size: str) -> None:
    vlm, copy = make_pico(tmp_path / "made", max_shard_size=size).vlm, tmp_path / "copy"
    copy.mkdir()
    write_like(Checkpoint(vlm), copy, Checkpoint(vlm).tensor)
    assert weights_hash(copy) == weights_hash(vlm)
    assert (copy / INDEX_FILE).exists() == (size == "20KB")
    for file in vlm.iterdir():
        assert (copy / file.name).read_bytes() == file.read_bytes()


def test_stale_weights_of_other_formats_are_left_behind(tmp_path: Path, pico: Pico) -> None:
    source = write_weights(tmp_path / "source", {"a": torch.zeros(1)})
    for name in (
        "pytorch_model.bin",
        "merge_card.json",
        "source.json",
        "x.safetensors.index.json",
        "keep.txt",
    ):
        (source.directory / name).write_text("{}")
    copy = tmp_path / "copy"
    copy.mkdir()
    write_like(source, copy, source.tensor)
    written = sorted(f.name for f in copy.iterdir() if not f.name.startswith("."))
    assert written == ["config.json", "keep.txt", SINGLE_FILE]


def test_a_checkpoint_goes_on_at_the_shard(tmp_path: Path) -> None:
    source, copy = Checkpoint(make_pico(tmp_path, max_shard_size="20KB").vlm), tmp_path / "copy"
    copy.mkdir()
    count, dies = iter(range(1000)), 0.6 * len(source.tensors)

    def read(name: str) -> torch.Tensor:
        if next(count) > dies:
            raise KeyboardInterrupt
        return source.tensor(name)

    with pytest.raises(KeyboardInterrupt):
        write_like(source, copy, read)
    standing = {f.name: f.stat().st_mtime_ns for f in copy.glob("*.safetensors")}
    assert 0 < len(standing) < len(source.weight_files)
    asked: list[str] = []

    def noted(name: str) -> torch.Tensor:
        asked.append(name)
        return source.tensor(name)

    notes = write_like(source, copy, noted)
    assert {n for n in source.tensors if source.info(n).file.name not in standing} == set(asked)
    assert {name: (copy / name).stat().st_mtime_ns for name in standing} == standing
    digests = {name: d for note in notes.values() for name, d in note["digests"].items()}
    assert combined_hash(digests) == weights_hash(copy) == weights_hash(source.directory)


def test_tensor_files_are_equal_byte_for_byte(tmp_path: Path) -> None:
    tensors = {"b": torch.ones(2), "a": torch.zeros(3)}
    metadata = {f"key{i}": i for i in range(8)}
    for name in ("one", "two"):
        write_tensors(tmp_path / name, tensors, metadata)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    file = TensorFile(tmp_path / "one")
    assert file.metadata == metadata
    assert torch.equal(file["b"], torch.ones(2))
    assert load_file(tmp_path / "one").keys() == {"a", "b"}


def test_missing_tensors_and_files_are_named(tmp_path: Path, pico: Pico) -> None:
    with pytest.raises(CheckpointError, match=r"'nothing' is missing from .*lrm"):
        Checkpoint(pico.lrm).tensor("nothing")
    with pytest.raises(CheckpointError, match=r"holds no weights: expected model\.safetensors"):
        _ = Checkpoint(tmp_path).tensors
    with pytest.raises(CheckpointError, match=r"config\.json does not exist"):
        _ = Checkpoint(tmp_path).config
    write_tensors(tmp_path / "t", {"a": torch.zeros(1)}, {})
    with pytest.raises(CheckpointError, match=r"'b' is missing from .*/t"):
        TensorFile(tmp_path / "t")["b"]


def test_damaged_files_are_named(tmp_path: Path) -> None:
    (tmp_path / SINGLE_FILE).write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{")
    with pytest.raises(CheckpointError, match=r"model\.safetensors is no readable safetensors"):
        _ = Checkpoint(tmp_path).tensors
    (tmp_path / "config.json").write_text("[")
    with pytest.raises(CheckpointError, match=r"config\.json is no valid JSON"):
        _ = Checkpoint(tmp_path).config


def test_incomplete_shard_is_named(tmp_path: Path) -> None:
    parts = make_pico(tmp_path, max_shard_size="20KB")
    index = parts.lrm / INDEX_FILE
    content = json.loads(index.read_text())
    content["weight_map"]["model.extra"] = shard = next(iter(content["weight_map"].values()))
    index.write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=rf"'model\.extra' .* missing from .*{shard}"):
        _ = Checkpoint(parts.lrm).tensors
    (parts.lrm / shard).unlink()
    with pytest.raises(CheckpointError, match=rf"{shard} does not exist"):
        _ = Checkpoint(parts.lrm).tensors
