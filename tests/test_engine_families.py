"""A VLM of any family answers in batches what its own `generate` answers one at a time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image
from transformers import AutoModelForCausalLM, AutoTokenizer

from frism.errors import EvaluationError
from frism.evaluation.chat import Message
from frism.evaluation.prompts import PromptMemory
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


@pytest.mark.parametrize("name", ["qwen2_5_vl", "qwen3_vl", "llava_next", "idefics2"])
def test_causal_language_models_answer_like_generate(
    name: str, families: FamilyMaker, messages: list[Message]
) -> None:
    lrm = families(name).lrm
    model, tokenizer = (kind.from_pretrained(lrm) for kind in (AutoModelForCausalLM, AutoTokenizer))
    answers = make_engine(lrm, 4, LIMIT, blind=True).answer(messages)
    for message, answer in zip(messages, answers, strict=True):
        turn = [{"role": "user", "content": message[-1]["value"]}]
        prompt = tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
        inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
        made = model.generate(**inputs, max_new_tokens=LIMIT, do_sample=False)
        tokens = made[0, inputs["input_ids"].shape[1] :]
        assert answer.text == tokenizer.decode(tokens, skip_special_tokens=True).strip()
    assert len({answer.text for answer in answers}) > 2


@pytest.mark.parametrize("name", ["qwen3_vl", "llava_next", "internvl"])
def test_every_family_runs_in_bfloat16(
    name: str, families: FamilyMaker, messages: list[Message]
) -> None:
    vlm = families(name, dtype=torch.bfloat16).vlm
    exact, rounded = (
        make_engine(vlm, 4, LIMIT, dtype=dtype).answer(messages)
        for dtype in ("float32", "bfloat16")
    )
    assert len({answer.text for answer in rounded}) > len(messages) / 2
    # rounding turns over what was nearly equal, and no more
    first = [(a.text[:1], b.text[:1]) for a, b in zip(exact, rounded, strict=True)]
    assert sum(a == b for a, b in first) > len(messages) / 2


def test_prompts_of_deepstack_are_remembered(
    families: FamilyMaker, messages: list[Message]
) -> None:
    vlm, memory = families("qwen3_vl").vlm, PromptMemory()
    first, second = make_engine(vlm, 4, LIMIT), make_engine(vlm, 4, LIMIT)
    expected = told(first.answer(messages))
    assert told(first.answer(messages, memory=memory)) == expected
    assert told(second.answer(messages, memory=memory)) == expected
    assert memory.held == 3


@pytest.mark.parametrize("name", ["qwen2_5_vl", "llava_next"])
def test_a_broken_image_is_named(name: str, families: FamilyMaker, tmp_path: Path) -> None:
    engine = make_engine(families(name).vlm, 4, LIMIT)
    whole, cut, none = tmp_path / "whole.png", tmp_path / "cut.png", tmp_path / "none.png"
    Image.effect_noise((32, 32), 50).save(whole)
    cut.write_bytes(whole.read_bytes()[:-600])
    none.write_text("no image")
    for path in (cut, none, tmp_path / "missing.png"):
        message = [{"type": "image", "value": str(path)}, {"type": "text", "value": "Why?"}]
        with pytest.raises(EvaluationError, match=rf"cannot read the image .*{path.name}"):
            engine.answer([message])


def test_a_model_that_generates_nothing_is_refused(families: FamilyMaker, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(families("qwen2_5_vl").lrm, tmp_path / "model"))
    file = changed / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"architectures": ["CLIPModel"]}))
    with pytest.raises(EvaluationError, match=r"is a CLIPModel by its config\.json"):
        make_engine(changed, 4, LIMIT)
