"""Calibration questions and the VLM's own answers to them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch
from transformers import AutoProcessor

from frism.cli.main import main
from frism.distillation.calibration import build_examples
from frism.distillation.questions import Question, read_questions
from frism.errors import DataError
from tests.distillation_inputs import (
    examples_of,
    questions,
)
from tests.pico import Pico
from tests.test_injection import load


def test_answers_end_with_the_end_token(pico: Pico) -> None:
    model = load(pico)
    examples = examples_of(pico)
    end = model.get_input_embeddings()(torch.tensor(model.generation_config.eos_token_id))
    lengths = [len(example.embeddings) - example.answer for example in examples]
    ended = [torch.equal(example.embeddings[-1], end) for example in examples]
    assert any(ended)
    for example, length, finished in zip(examples, lengths, ended, strict=True):
        answer = example.embeddings[example.answer :]
        assert length == 64 or finished
        assert (answer == end).all(dim=1).sum() == int(finished)


def test_questions_without_images(pico: Pico) -> None:
    """With and without images in one batch, each as it would be alone."""
    shown = questions(pico)[:2]
    mixed = [shown[0], Question(None, "read now"), shown[1]]
    model, processor = load(pico), AutoProcessor.from_pretrained(pico.vlm)
    together = build_examples(model, processor, mixed)
    alone = [build_examples(model, processor, [question])[0] for question in mixed]
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one.embeddings, other.embeddings, rtol=1e-4, atol=1e-4)
        # alone, a question without an image has no use for three rows
        assert torch.equal(one.positions, other.positions.expand_as(one.positions))
        assert one.answer == other.answer
    assert together[1].answer == 4  # user, two words, assistant
    assert torch.equal(
        together[1].positions, torch.arange(len(together[1].embeddings)).expand(3, -1)
    )


def test_broken_calibration_is_named(pico: Pico, tmp_path: Path) -> None:
    table, path = pd.read_csv(pico.calibration, sep="\t"), tmp_path / "c.tsv"
    with pytest.raises(DataError, match=r"c\.tsv does not exist"):
        read_questions(path, 1)
    table.drop(columns="image").to_csv(path, sep="\t", index=False)
    with pytest.raises(DataError, match=r"c\.tsv lacks columns \['image'\]"):
        read_questions(path, 1)
    table.assign(image="AAAA").to_csv(path, sep="\t", index=False)
    with pytest.raises(DataError, match=r"c\.tsv: the image of question 0 cannot be read"):
        read_questions(path, 1)
    with pytest.raises(DataError, match=r"has 12 questions; expected at least 13"):
        read_questions(pico.calibration, 13)


def test_a_broken_image_is_found_before_a_model_is_loaded(
    pico: Pico, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv(pico.calibration, sep="\t", dtype=str)
    table.loc[3, "image"] = str(table.loc[3, "image"])[:64]
    table.to_csv(tmp_path / "calibration.tsv", sep="\t", index=False)
    (tmp_path / "no_model").mkdir()
    words = ["curvature", "--vlm", str(tmp_path / "no_model"), "--data", str(tmp_path)]
    words += ["--subspaces", str(tmp_path), "--output", str(tmp_path / "o"), "--images", "5"]
    assert main(words) == 2
    assert "calibration.tsv: the image of question 3 cannot be read" in capsys.readouterr().err
