"""Prompts and process state around VLMEvalKit."""

from __future__ import annotations

import logging
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from frism.errors import DataError
from frism.evaluation import kit
from frism.evaluation.datasets import OpenImageDataset, OpenTextDataset, build
from tests.pico_questions import choice_rows, open_rows, save, text_rows

PROGRAM = """
import logging, os, ssl
context, handlers, environment = (
    ssl._create_default_https_context, logging.getLogger().handlers[:], dict(os.environ)
)
import torch, transformers
kept = dict(os.environ)
from frism.evaluation import kit
assert ssl._create_default_https_context is context is ssl.create_default_context
assert logging.getLogger().handlers == handlers == []
assert logging.getLogger().manager.disable == 0
assert dict(os.environ) == kept
assert torch.is_grad_enabled()
print("kept")
"""
LIGHT = """
import sys
import frism.evaluation.records, frism.evaluation.answers, frism.cli.steps.evaluate
print(sorted({"torch", "transformers", "vlmeval", "pandas"} & set(sys.modules)))
"""


@pytest.mark.parametrize(("program", "printed"), [(PROGRAM, "kept"), (LIGHT, "[]")])
def test_process_state_in_a_fresh_process(program: str, printed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == printed, done.stderr


def test_settings_are_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMUData", "elsewhere")
    monkeypatch.setenv("SPLIT_THINK", "1")
    before = dict(os.environ)
    with kit.settings(tmp_path):
        assert kit.LMUDataRoot() == str(tmp_path)
        assert "SPLIT_THINK" not in os.environ
    assert dict(os.environ) == before


def test_tls_and_logging_stand() -> None:
    assert ssl._create_default_https_context is ssl.create_default_context
    assert not logging.getLogger().manager.disable


def test_multiple_choice_prompt(tmp_path: Path) -> None:
    save(choice_rows(["D"]), tmp_path, "FrismPicoMCQ_VAL")
    with kit.settings(tmp_path):
        dataset = build("FrismPicoMCQ_VAL")
        image, text = dataset.build_prompt(dataset.data.iloc[0])
    assert (type(dataset).__name__, image["type"]) == ("CustomMCQDataset", "image")
    assert text["value"] == (
        "Question: solve\nOptions:\nA. 3\nB. 4\nC. 5\nD. 7\n"
        "Please select the correct answer from the options above. \n"
    )


def test_open_prompts_are_the_questions(tmp_path: Path) -> None:
    save(open_rows(["9"]), tmp_path, "FrismPicoOpen_VAL")
    save(text_rows(["9"]), tmp_path, "FrismPicoText_VAL")
    with kit.settings(tmp_path):
        seen, text = build("FrismPicoOpen_VAL"), build("FrismPicoText_VAL")
        assert isinstance(seen, OpenImageDataset)
        assert isinstance(text, OpenTextDataset)
        prompt = seen.build_prompt(seen.data.iloc[0])
        assert [part["type"] for part in prompt] == ["image", "text"]
        assert prompt[1]["value"] == "solve"
        assert text.build_prompt(text.data.iloc[0]) == [{"type": "text", "value": "0 + 0 solve"}]


def test_each_data_root_has_its_own_questions(tmp_path: Path) -> None:
    for family in ("1", "2"):
        save(text_rows([family]), tmp_path / family, "FrismPicoText_VAL")
    for family in ("1", "2"):
        with kit.settings(tmp_path / family):
            assert list(build("FrismPicoText_VAL").data["answer"]) == [family]


def test_the_kind_of_a_file_is_that_of_its_columns(tmp_path: Path) -> None:
    tables = {"1": open_rows(["9"]), "2": text_rows(["9"]), "3": choice_rows(["A"])}
    kinds = []
    for family, table in tables.items():
        save(table, tmp_path / family, "FrismPicoKind_VAL")
        with kit.settings(tmp_path / family):
            kinds.append(type(build("FrismPicoKind_VAL")).__name__)
    assert kinds == ["OpenImageDataset", "OpenTextDataset", "CustomMCQDataset"]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = save(text_rows(["9"]).drop(columns="answer"), tmp_path, "FrismPicoText_VAL")
    with kit.settings(tmp_path), pytest.raises(DataError, match=r"lacks the columns \['answer'\]"):
        build("FrismPicoText_VAL")
    assert path.is_file()
