"""A pair of checkpoints is refused before any work when its folders lack something."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from frism.config.load import load
from frism.errors import ConfigError
from tests.workspace import write_yaml

CONFIG = {
    "pairs": ["given"],
    "distillation": {"images": 2, "batch_size": 1},
    "benchmarks": {
        group: {"judge": "rule", "benchmarks": [name]}
        for group, name in (("reasoning", "A"), ("perception", "B"), ("text", "C"))
    },
}
QUESTIONS = "index\timage\tquestion\tanswer\n"
# the second row has a line break in its question, the image is above csv's default limit
CALIBRATION = f'index\timage\tquestion\n0\t{"a" * 200_000}\tb\n1\tc\t"d\ne"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration and a pair whose files have everything that is looked at."""
    for role in ("base", "vlm", "lrm"):
        (tmp_path / role).mkdir()
        (tmp_path / role / "config.json").write_text(json.dumps({"model_type": "qwen2"}))
        (tmp_path / role / "model.safetensors").touch()
        (tmp_path / role / "tokenizer.json").touch()
    (tmp_path / "data").mkdir()
    for name in ("A", "B", "C"):
        for split in ("VAL", "TEST"):
            (tmp_path / "data" / f"{name}_{split}.tsv").write_text(QUESTIONS)
    (tmp_path / "data" / "calibration.tsv").write_text(CALIBRATION)
    (tmp_path / "pairs").mkdir()
    paths = {key: str(tmp_path / key) for key in ("base", "vlm", "lrm", "data")}
    write_yaml(tmp_path / "pairs" / "given.yaml", {"kind": "checkpoints"} | paths)
    write_yaml(tmp_path / "config.yaml", CONFIG)
    return tmp_path


def _same_folder(folder: Path) -> None:
    (folder / "lrm").rename(folder / "old")
    (folder / "lrm").symlink_to(folder / "base")


BREAK: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "no model type": (
        lambda folder: (folder / "vlm" / "config.json").write_text("{}"),
        ("vlm: ", "config.json names no model_type", "download"),
    ),
    "configuration no JSON": (
        lambda folder: (folder / "vlm" / "config.json").write_text("<html>"),
        ("vlm: ", "config.json names no model_type", "download"),
    ),
    "no weights": (
        lambda folder: (folder / "base" / "model.safetensors").unlink(),
        ("base: ", "without weights", "model.safetensors or model.safetensors.index.json"),
    ),
    "no tokenizer": (
        lambda folder: (folder / "lrm" / "tokenizer.json").unlink(),
        ("lrm: ", "without tokenizer", "tokenizer.json or tokenizer_config.json"),
    ),
    "same folder by a link": (_same_folder, ("lrm: ", "the same model as base", "different")),
    "empty benchmark": (
        lambda folder: (folder / "data" / "C_VAL.tsv").write_text(""),
        ("data: C_VAL.tsv: found no columns", "index, question, answer"),
    ),
    "benchmark without images": (
        lambda folder: (folder / "data" / "A_TEST.tsv").write_text("index\tquestion\tanswer\n"),
        ("data: A_TEST.tsv: ", '"index, question, answer"', "expected image or image_path too"),
    ),
    "calibration without images": (
        lambda folder: (folder / "data" / "calibration.tsv").write_text("index\tquestion\n"),
        ("data: calibration.tsv: ", '"index, question"', "expected image too"),
    ),
    "too few calibration questions": (
        lambda folder: (folder / "data" / "calibration.tsv").write_text(QUESTIONS + "0\ta\tb\t\n"),
        ("data: calibration.tsv: ", "found 1 questions", "distillation.images, 2", "lower"),
    ),
}


def test_complete_pair_is_accepted(folder: Path) -> None:
    (folder / "data" / "C_VAL.tsv").write_text("index\tquestion\tanswer\n")
    (folder / "data" / "A_VAL.tsv").write_text("index\timage_path\tquestion\tanswer\n")
    assert list(load(folder / "config.yaml").pairs) == ["given"]


@pytest.mark.parametrize("name", BREAK)
def test_incomplete_pair_is_refused(name: str, folder: Path) -> None:
    damage, words = BREAK[name]
    damage(folder)
    with pytest.raises(ConfigError) as caught:
        load(folder / "config.yaml")
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{folder / 'pairs' / 'given.yaml'}: ")
    assert all(word in line for word in words), line
