"""On every embedded benchmark, batches answer what one question at a time gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.embedded.benchmarks import write_benchmarks
from frism.evaluation import kit
from frism.evaluation.benchmarks import load_split
from frism.evaluation.chat import Message
from tests.embedded import Models, make_models
from tests.engines import make_engine, told

LIMIT = 16
SIZES = {"calibration": 1, "validation": 4, "test": 4}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return make_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("data")
    write_benchmarks(directory, 1, SIZES)
    return directory


def test_batches_answer_like_one_at_a_time(models: Models, data: Path) -> None:
    names = sorted(file.name.removesuffix("_VAL.tsv") for file in data.glob("*_VAL.tsv"))
    messages: list[Message] = []
    with kit.settings(data):
        for name in names:
            messages += load_split(name, "validation").messages
            messages += load_split(name, "test").messages
    assert len(names) == 8
    assert len(messages) == 8 * 8
    for model, blind in ((models.vlm, False), (models.lrm, True)):
        expected = told(make_engine(model, 1, LIMIT, blind).answer(messages))
        assert told(make_engine(model, 256, LIMIT, blind).answer(messages)) == expected
        assert len({text for text, _, _ in expected}) > 4
