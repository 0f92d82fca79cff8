"""Prompts and process state around VLMEvalKit."""

from __future__ import annotations

import logging
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from frism.errors import DataError
from frism.evaluation import kit
from frism.evaluation.datasets import OpenImageDataset, OpenTextDataset, build
from tests.pico_questions import choice_rows, open_rows, save, text_rows

PROGRAM = """
import logging, multiprocessing, os, random, signal, ssl, sys, warnings
import numpy, torch, transformers
from PIL import Image, ImageFile

def state():
    root = logging.getLogger()
    return {
        "tls": ssl._create_default_https_context,
        "logging": (root.handlers[:], root.level, root.manager.disable),
        "environment": dict(os.environ),
        "path": list(sys.path),
        "arguments": list(sys.argv),
        "folder": os.getcwd(),
        "warnings": (list(warnings.filters), warnings.showwarning),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "start method": multiprocessing.get_start_method(allow_none=True),
        "images": (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES),
        "random": random.getstate(),
        "numpy": (str(numpy.random.get_state()), numpy.geterr()),
        "torch": torch.get_rng_state().tolist(),
        "gradients": torch.is_grad_enabled(),
        "dtype": torch.get_default_dtype(),
        "threads": torch.get_num_threads(),
        "streams": (sys.stdout, sys.stderr, sys.excepthook),
        "recursion": sys.getrecursionlimit(),
    }

before = state()
assert before["tls"] is ssl.create_default_context
from frism.evaluation import kit
names = ("utils.mathvista", "utils.mathv", "utils.mathverse", "utils.wemath", "dynamath")
modules = [kit.evaluation_module(name) for name in names]
after = state()
print([name for name in before if before[name] != after[name]])
"""
LIGHT = """
import sys
import frism.evaluation.records, frism.evaluation.answers, frism.cli.steps.evaluate
print(sorted({"torch", "transformers", "vlmeval", "pandas"} & set(sys.modules)))
"""


@pytest.mark.parametrize("program", [PROGRAM, LIGHT])
def test_process_state_in_a_fresh_process(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_settings_are_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMUData", "elsewhere")
    monkeypatch.setenv("SPLIT_THINK", "1")
    before, pixels = dict(os.environ), Image.MAX_IMAGE_PIXELS
    with kit.settings(tmp_path):
        assert Image.MAX_IMAGE_PIXELS == 10**9  # VLMEvalKit's own limit
        assert kit.LMUDataRoot() == str(tmp_path)
        assert "SPLIT_THINK" not in os.environ
    assert dict(os.environ) == before
    assert pixels == Image.MAX_IMAGE_PIXELS


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
