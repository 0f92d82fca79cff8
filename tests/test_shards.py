"""Files that are written like others: header, places of tensors, what lies beside weights."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from frism.checkpoints.reader import SINGLE_FILE, Checkpoint
from frism.checkpoints.writer import write_like
from frism.errors import CheckpointError
from tests.test_checkpoints import write_weights

TENSORS = {
    "a": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "b.half": torch.ones(5, dtype=torch.bfloat16),
    "c.empty": torch.zeros(0, 4),
    "d.number": torch.tensor(7),
    "e.flags": torch.tensor([True, False, True]),
    "f.small": torch.ones(3, dtype=torch.float8_e4m3fn),
}


def test_tensors_of_all_types_are_written_to_the_same_bytes(tmp_path: Path) -> None:
    source = write_weights(tmp_path / "source", TENSORS)
    (tmp_path / "copy").mkdir()
    write_like(source, tmp_path / "copy", source.tensor)
    file = tmp_path / "copy" / SINGLE_FILE
    assert file.read_bytes() == (tmp_path / "source" / SINGLE_FILE).read_bytes()
    assert {name: tensor.dtype for name, tensor in load_file(file).items()} == {
        name: tensor.dtype for name, tensor in TENSORS.items()
    }


@pytest.mark.parametrize(
    ("wrong", "shape"),
    [(torch.zeros(2, 2), "[2, 2], -8 bytes"), (torch.zeros(2, 3).double(), "[2, 3], +24 bytes")],
)
def test_a_tensor_that_does_not_fill_its_place_is_named(
    wrong: torch.Tensor, shape: str, tmp_path: Path
) -> None:
    source = write_weights(tmp_path / "source", TENSORS)
    (tmp_path / "copy").mkdir()
    words = rf"tensor 'a' of \S*copy/model\.safetensors came out as {wrong.dtype} "
    with pytest.raises(CheckpointError, match=words + re.escape(shape)):
        write_like(source, tmp_path / "copy", lambda n: wrong if n == "a" else TENSORS[n])
    assert not (tmp_path / "copy" / SINGLE_FILE).exists()


def test_all_that_a_processor_needs_lies_beside_the_weights(tmp_path: Path) -> None:
    source = write_weights(tmp_path / "source", {"a": torch.zeros(1)}).directory
    kept = ["chat_template.jinja", "additional_chat_templates/tool_use.jinja", "vocab.txt"]
    for name in (*kept, ".gitattributes", "original/params.json", "onnx/model.onnx"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(name)
    (tmp_path / "copy").mkdir()
    write_like(Checkpoint(source), tmp_path / "copy", Checkpoint(source).tensor)
    written = {str(f.relative_to(tmp_path / "copy")) for f in (tmp_path / "copy").rglob("[!.]*.*")}
    assert written == {*kept, "config.json", SINGLE_FILE}
    assert all((tmp_path / "copy" / name).read_text() == name for name in kept)
    assert not (tmp_path / "copy" / ".gitattributes").exists()


def test_a_header_keeps_its_metadata_and_the_order_of_bytes(tmp_path: Path) -> None:
    source = write_weights(tmp_path / "source", {"z": torch.ones(2), "a": torch.zeros(3)})
    file = source.directory / SINGLE_FILE
    save_file({"z": torch.ones(2), "a": torch.zeros(3)}, file, {"format": "pt", "made_by": "us"})
    (tmp_path / "copy").mkdir()
    source = Checkpoint(source.directory)
    write_like(source, tmp_path / "copy", source.tensor)
    assert (tmp_path / "copy" / SINGLE_FILE).read_bytes() == file.read_bytes()
