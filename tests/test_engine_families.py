"""A VLM of any family answers in batches what its own `generate` answers one at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from frism.errors import EvaluationError
from frism.evaluation.chat import Message
from tests.engines import make_engine, told
from tests.family_questions import ask_about, generated
from tests.vlm_answers import load_vlm
from tests.vlm_families import FAMILIES, FamilyMaker

LIMIT = 12
IMAGES = (1, 1, 2, 1, 0, 1, 3, 1, 2, 1)


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    return ask_about(tmp_path_factory.mktemp("images"), IMAGES)


@pytest.mark.parametrize("name", FAMILIES)
def test_batches_answer_like_generate(
    name: str, families: FamilyMaker, messages: list[Message]
) -> None:
    vlm = families(name).vlm
    model, processor = load_vlm(vlm)
    expected = [generated(model, processor, message, LIMIT) for message in messages]
    texts = [processor.decode(tokens, skip_special_tokens=True).strip() for tokens in expected]
    for batch_size in (1, 4, 64):
        answers = make_engine(vlm, batch_size, LIMIT).answer(messages)
        assert [answer.text for answer in answers] == texts
        assert [answer.tokens for answer in answers] == [len(tokens) for tokens in expected]
    assert len(set(texts)) > len(texts) / 2
