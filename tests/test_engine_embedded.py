"""On every embedded benchmark, batches answer what one question at a time gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.embedded.benchmarks import write_benchmarks
from frism.evaluation import kit
from frism.evaluation.benchmarks import load_split
from frism.evaluation.chat import Message
from tests.engines import make_engine, told
from tests.pico_vlm import save_lrm, save_vlm

LIMIT = 16
SIZES = {"calibration": 1, "validation": 4, "test": 4}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("data")
    write_benchmarks(directory, 1, SIZES)
    return directory


def test_batches_answer_like_one_at_a_time(data: Path, tmp_path: Path) -> None:
    names = sorted(file.name.removesuffix("_VAL.tsv") for file in data.glob("*_VAL.tsv"))
    messages: list[Message] = []
    with kit.settings(data):
        for name in names:
            messages += load_split(name, "validation").messages
            messages += load_split(name, "test").messages
    assert len(names) == 8
    assert len(messages) == 8 * 8
    # models of random weights: those that a few steps have trained say nearly always the same
    for model, blind in ((save_vlm(tmp_path / "vlm"), False), (save_lrm(tmp_path / "lrm"), True)):
        expected = told(make_engine(model, 1, LIMIT, blind).answer(messages))
        assert told(make_engine(model, 256, LIMIT, blind).answer(messages)) == expected
        assert len({text for text, _, _ in expected}) > len(messages) / 4
