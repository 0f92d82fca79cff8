"""Which files are needed, whether they fit on the disk, and what the disk's errors say."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from frism.errors import CheckpointError
from frism.hub.failures import explained
from frism.hub.reference import HubModel
from frism.hub.selection import Consent, Selection, select
from frism.hub.space import amount, check_space
from frism.hub.transfer_lines import TransferLines

MODEL = HubModel("owner/name", "main")
SIDE = {
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "vocab.json",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
    "chat_template.json",
    "chat_template.jinja",
}
UNWANTED = {
    "README.md",
    ".gitattributes",
    "consolidated.safetensors",
    "model.fp16.safetensors",
    "original/consolidated.00.pth",
    "original/config.json",
    "onnx/model.onnx",
    "name-q4.gguf",
    "pytorch_model.bin",
    "pytorch_model-00001-of-00001.bin",
    "tf_model.h5",
    "training_args.bin",
}
CODE = {"modeling_name.py"}
INDEX = "model.safetensors.index.json"
PICKLE_INDEX = "pytorch_model.bin.index.json"


def chosen(names: set[str], weight_map: dict[str, str] | None = None, **consent: bool) -> Selection:
    return select(names, lambda _: weight_map or {}, Consent(**consent), MODEL)


def test_one_copy_of_the_weights_and_the_side_files() -> None:
    found = chosen(SIDE | UNWANTED | CODE | {"model.safetensors"})
    assert found.weights == ("model.safetensors",)
    assert set(found.side_files) == SIDE
    assert not found.pickle


def test_shards_are_those_of_the_index() -> None:
    shards = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}
    names = SIDE | UNWANTED | shards | {INDEX, "model.safetensors", "model-00003.safetensors"}
    found = chosen(names, {"a": min(shards), "b": max(shards), "c": max(shards)})
    assert found.weights == tuple(sorted(shards))
    assert set(found.side_files) == SIDE | {INDEX}


def test_code_only_where_it_is_trusted() -> None:
    names = SIDE | CODE | {"model.safetensors"}
    assert set(chosen(names, trust_remote_code=True).side_files) == SIDE | CODE


def test_pickle_only_where_it_is_allowed_and_needed() -> None:
    names = {"config.json", "pytorch_model.bin"}
    with pytest.raises(
        CheckpointError, match=r"pytorch_model\.bin.*expected safetensors.*allow_pi"
    ):
        chosen(names)
    assert chosen(names, allow_pickle=True) == Selection(
        ("pytorch_model.bin",), ("config.json",), True
    )
    assert not chosen(names | {"model.safetensors"}, allow_pickle=True).pickle
    found = chosen({"config.json", "p-1.bin", PICKLE_INDEX}, {"a": "p-1.bin"}, allow_pickle=True)
    assert found.weights == ("p-1.bin",)
    assert found.pickle


def test_what_is_missing_is_named() -> None:
    with pytest.raises(CheckpointError, match=r"owner/name@main has no config\.json"):
        chosen({"model.safetensors"})
    with pytest.raises(CheckpointError, match=r"expected model\.safe.* found a\.gguf, b\.pth;"):
        chosen({"config.json", "a.gguf", "b.pth"})
    with pytest.raises(CheckpointError, match=r"names gone\.safetensors, which the repository"):
        chosen({"config.json", INDEX}, {"a": "gone.safetensors"})


def test_space_is_summed_per_disk(tmp_path: Path) -> None:
    check_space({tmp_path / "new" / "folder": 1, tmp_path: 1}, MODEL)
    half = 2**62
    message = r"owner/name@main needs 9223372\.0 TB more .* is on|needs 9223\.4 PB more on the disk"
    with pytest.raises(CheckpointError, match=message):
        check_space({tmp_path / "new": half, tmp_path: half}, MODEL)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (15_231_000_000, "15.2 GB")],
)
def test_amounts(size: int, text: str) -> None:
    assert amount(size) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENOSPC, "the disk of here is full; free some space"),
        (errno.EDQUOT, "the disk of here is full; free some space"),
        (errno.EACCES, "file: Permission denied; make it writable"),
    ],
)
def test_errors_of_the_disk_say_what_to_do(number: int, text: str) -> None:
    error = OSError(number, "Permission denied", "file")
    with (
        pytest.raises(CheckpointError, match=f"x of owner/name@main was not downloaded: {text}"),
        explained(MODEL, "x", Path("here")),
    ):
        raise error


def test_a_log_gets_a_line_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with TransferLines(desc="file", total=10**9, initial=10**8) as lines:
        for seconds in (8, 8, 1):
            now[0] += seconds
            lines.update(16 * 10**6)
    assert capsys.readouterr().err == "file: 132.0 MB of 1.0 GB (2.0 MB/s)\n"
