"""Reading ahead, and the bytes of tensors in files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch
from safetensors.torch import _TYPES, save_file

from frism.checkpoints import places
from frism.checkpoints.ahead import AHEAD, read_ahead
from frism.checkpoints.hashing import hash_tensors, hashed_ahead, weights_hash
from frism.checkpoints.places import read_pieces, read_places
from frism.checkpoints.reader import SINGLE_FILE, Checkpoint
from frism.checkpoints.tensor_info import TORCH_NAMES
from frism.errors import CheckpointError


def some_tensors() -> dict[str, torch.Tensor]:
    """Returns tensors of several types and sizes, one of them empty, one without dimensions."""
    kinds = [torch.float32, torch.bfloat16, torch.float16, torch.int64, torch.bool, torch.uint8]
    found = {str(kind): (10 * torch.randn(7, 13)).to(kind) for kind in kinds}
    return found | {"none": torch.zeros(0, 3), "one": torch.tensor(1.0)}


@pytest.mark.parametrize("size", [0, 1, AHEAD // 3, 2 * AHEAD])
def test_tensors_come_in_the_order_of_their_names(size: int) -> None:
    sizes = {str(number): size for number in range(20)}
    found = read_ahead(lambda name: torch.tensor(float(name)), sizes)
    assert [float(each) for each in found] == [float(name) for name in sizes]
    assert list(read_ahead(lambda name: torch.zeros(1), {})) == []


@pytest.mark.parametrize(("size", "ahead"), [(2 * AHEAD, 1), (AHEAD, 1), (AHEAD // 3, 3)])
def test_no_more_is_read_ahead_than_memory_allows(size: int, ahead: int) -> None:
    names = "abcdefgh"
    begun = {name: threading.Event() for name in names}

    def read(name: str) -> torch.Tensor:
        begun[name].set()
        return torch.zeros(1)

    found = read_ahead(read, dict.fromkeys(names, size))
    next(found)
    assert begun[names[ahead]].wait(10)
    # the thread has nothing else to do, so another would be begun by now
    assert not begun[names[ahead + 1]].wait(0.2)


def test_an_error_is_raised_in_its_turn_and_ends_the_reading() -> None:
    asked: list[str] = []

    def read(name: str) -> torch.Tensor:
        asked.append(name)
        if name == "b":
            raise CheckpointError("damaged")
        return torch.ones(1)

    ahead = read_ahead(read, {"a": AHEAD, "b": AHEAD, "c": AHEAD, "d": AHEAD})
    assert next(ahead) == 1
    with pytest.raises(CheckpointError, match="damaged"):
        next(ahead)
    assert "d" not in asked


@pytest.mark.parametrize("piece", [1, 7, 1 << 18])
def test_places_hold_the_tensors_bytes(
    tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PIECE", piece)
    tensors, file = some_tensors(), tmp_path / "file"
    save_file(tensors, file, metadata={"format": "pt"})
    found = read_places(file)
    assert found.keys() == tensors.keys()
    with file.open("rb") as stream:
        for name, tensor in tensors.items():
            content = b"".join(bytes(part) for part in read_pieces(stream, *found[name]))
            assert content == tensor.reshape(-1).view(torch.uint8).numpy().tobytes()


def test_hash_of_files_is_that_of_tensors(tmp_path: Path) -> None:
    tensors = some_tensors()
    save_file(tensors, tmp_path / SINGLE_FILE)
    assert weights_hash(tmp_path) == hash_tensors(tensors.items())


def test_a_file_that_is_cut_short_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    with file.open("rb") as stream, pytest.raises(CheckpointError, match=r"file ends at byte 5"):
        list(read_pieces(stream, 2, 9))


def test_hashes_that_were_begun_are_those_of_the_weights(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b", "a")]
    for number, folder in enumerate(folders[:2]):
        folder.mkdir()
        save_file({"x": torch.full((3,), float(number))}, folder / SINGLE_FILE)
    (tmp_path / "link").symlink_to("b")
    with hashed_ahead([*folders, tmp_path / "link"]) as hash_of:
        found = [hash_of(folder) for folder in (*folders, tmp_path / "link")]
    a, b = (weights_hash(folder) for folder in folders[:2])
    assert found == [a, b, a, b]
    assert a != b


def test_what_is_missing_is_said_before_anything_is_hashed(tmp_path: Path) -> None:
    with (
        pytest.raises(CheckpointError, match=rf"{tmp_path} holds no weights"),
        hashed_ahead([tmp_path]),
    ):
        pass


def test_types_have_torch_s_names(tmp_path: Path) -> None:
    for stored, name in TORCH_NAMES.items():
        assert str(_TYPES[stored]) == f"torch.{name}"
    save_file(some_tensors(), tmp_path / SINGLE_FILE)
    model = Checkpoint(tmp_path)
    for name, info in model.tensors.items():
        assert info.torch_dtype == str(model.tensor(name).dtype)
