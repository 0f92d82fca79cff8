"""Batched answers are those of one question at a time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2ForCausalLM

from frism.checkpoints.reader import Checkpoint
from frism.embedded import vocabulary as v
from frism.errors import EvaluationError
from frism.evaluation.chat import Message
from frism.evaluation.prompts import PromptMemory
from tests.engines import make_engine, told
from tests.pico import merged_names
from tests.pico_questions import digits_image
from tests.pico_vlm import save_lrm, save_vlm

QUESTIONS = ("solve", "please now read", "item b", "add")
LIMIT = 24


@pytest.fixture(scope="module")
def vlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_vlm(tmp_path_factory.mktemp("vlm"))


@pytest.fixture(scope="module")
def lrm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_lrm(tmp_path_factory.mktemp("lrm"))


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    """Questions of several lengths about images of several sizes, and two without an image."""
    directory = tmp_path_factory.mktemp("images")
    made: list[Message] = [[{"type": "text", "value": "7 + 5 solve"}] for _ in range(2)]
    for k in range(22):
        path = directory / f"{k}.png"
        digits_image(2 + k % 4, seed=k).save(path)
        text = QUESTIONS[k % len(QUESTIONS)]
        made.append([{"type": "image", "value": str(path)}, {"type": "text", "value": text}])
    return made


def test_batched_equals_one_by_one(vlm: Path, messages: list[Message]) -> None:
    single = make_engine(vlm, 1, LIMIT)
    expected = [single.answer([message])[0] for message in messages]
    for batch_size in (3, 64):
        answers = make_engine(vlm, batch_size, LIMIT).answer(messages)
        assert [a.text for a in answers] == [e.text for e in expected]
        assert [(a.tokens, a.ended) for a in answers] == [(e.tokens, e.ended) for e in expected]
    assert {answer.ended for answer in expected} == {True, False}
    assert len({answer.text for answer in expected}) > len(messages) / 2


def test_the_image_matters_unless_blind(vlm: Path, messages: list[Message]) -> None:
    same_text = [m for m in messages if m[-1]["value"] == "solve"]
    seen = make_engine(vlm, 64, LIMIT).answer(same_text)
    blind = make_engine(vlm, 64, LIMIT, blind=True).answer(same_text)
    assert len({answer.text for answer in seen}) > 1
    assert len({answer.text for answer in blind}) == 1


def test_a_text_model_answers_blind_only(lrm: Path, messages: list[Message]) -> None:
    assert len(make_engine(lrm, 64, LIMIT, blind=True).answer(messages)) == len(messages)
    with pytest.raises(EvaluationError, match="no image processor; evaluate it blind"):
        make_engine(lrm, 64, LIMIT).answer(messages)


def test_text_answers_equal_a_greedy_loop_without_cache(lrm: Path) -> None:
    tokenizer = v.build_tokenizer()
    model = Qwen2ForCausalLM.from_pretrained(lrm, dtype=torch.float32).eval()
    for text in ("7 + 5 solve", "9 - 4 + 2 add", "please read"):
        prompt = f"{v.USER} {text} {v.ASSISTANT}"
        words = [v.TOKEN_ID[word] for word in prompt.split()]
        start = len(words)
        with torch.inference_mode():
            while len(words) < start + LIMIT and v.TOKEN_ID[v.END] not in words:
                words.append(int(model(torch.tensor([words])).logits[0, -1].argmax()))
        (answer,) = make_engine(lrm, 1, LIMIT).answer([[{"type": "text", "value": text}]])
        assert answer.text == tokenizer.decode(words[start:], skip_special_tokens=True)
        assert answer.tokens == len(words) - start


def test_the_limit_cuts_and_is_told(vlm: Path, messages: list[Message]) -> None:
    for answer in make_engine(vlm, 64, LIMIT).answer(messages):
        assert answer.tokens <= LIMIT
        assert answer.ended or answer.tokens == LIMIT
        assert "<|im_end|>" not in answer.text


def test_penalties_of_the_checkpoint_are_ignored(
    vlm: Path, messages: list[Message], tmp_path: Path
) -> None:
    changed = Path(shutil.copytree(vlm, tmp_path / "vlm"))
    file = changed / "generation_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"repetition_penalty": 5.0}))
    assert [a.text for a in make_engine(changed, 64, LIMIT).answer(messages)] == [
        a.text for a in make_engine(vlm, 64, LIMIT).answer(messages)
    ]


def test_a_checkpoint_without_end_token_is_refused(vlm: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(vlm, tmp_path / "vlm"))
    (changed / "generation_config.json").write_text("{}")
    with pytest.raises(EvaluationError, match="no end token"):
        make_engine(changed, 64, LIMIT)


def test_answers_equal_generate_of_transformers(vlm: Path, messages: list[Message]) -> None:
    """`generate` alone, a question at a time, with images in its own hands."""
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(vlm, dtype=torch.float32).eval()
    processor = v.build_processor()
    answers = make_engine(vlm, 8, LIMIT).answer(messages)
    for message, answer in list(zip(messages, answers, strict=True))[::3]:
        images = [Image.open(p["value"]).convert("RGB") for p in message if p["type"] == "image"]
        content = [{"type": "image"}] * len(images)
        turn = [{"role": "user", "content": [*content, {"type": "text", **text_of(message)}]}]
        prompt = processor.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
        inputs = processor(text=[prompt], images=images or None, return_tensors="pt")
        made = model.generate(**inputs, max_new_tokens=LIMIT, do_sample=False)
        tokens = made[0, inputs["input_ids"].shape[1] :]
        assert len(tokens) == answer.tokens
        assert processor.decode(tokens, skip_special_tokens=True) == answer.text


def text_of(message: Message) -> dict[str, str]:
    return {"text": message[-1]["value"]}


def test_prompts_in_memory_give_the_same_answers(vlm: Path, messages: list[Message]) -> None:
    memory = PromptMemory()
    expected = make_engine(vlm, 8, LIMIT).answer(messages)
    first, second = make_engine(vlm, 8, LIMIT), make_engine(vlm, 8, LIMIT)
    for engine in (first, first, second):
        assert told(engine.answer(messages, memory=memory)) == told(expected)
    assert memory.held == 3  # 24 questions, encoded once


def test_models_with_other_eyes_do_not_share_prompts(
    vlm: Path, messages: list[Message], tmp_path: Path
) -> None:
    memory, other = PromptMemory(), save_vlm(tmp_path / "other", seed=1)
    make_engine(vlm, 8, LIMIT).answer(messages, memory=memory)
    shared = make_engine(other, 8, LIMIT).answer(messages, memory=memory)
    assert told(shared) == told(make_engine(other, 8, LIMIT).answer(messages))
    blind = make_engine(vlm, 8, LIMIT, blind=True).answer(messages, memory=memory)
    assert told(blind) == told(make_engine(vlm, 8, LIMIT, blind=True).answer(messages))
    assert memory.held == 9


def test_a_full_memory_keeps_no_more(vlm: Path, messages: list[Message]) -> None:
    engine, memory = make_engine(vlm, 8, LIMIT), PromptMemory(limit=8 * 14 * 32 * 4)
    assert told(engine.answer(messages, memory=memory)) == told(engine.answer(messages))
    assert 0 < memory.held < 3


def test_merged_weights_in_place_answer_like_a_checkpoint_from_disk(
    vlm: Path, messages: list[Message], tmp_path: Path
) -> None:
    own = language_model(vlm)
    torch.manual_seed(3)
    moved = {name: tensor + 0.1 * torch.randn_like(tensor) for name, tensor in own.items()}
    tensors = load_file(vlm / "model.safetensors")
    changed = Path(shutil.copytree(vlm, tmp_path / "merged"))
    save_file(tensors | moved, changed / "model.safetensors", metadata={"format": "pt"})
    engine, memory = make_engine(vlm, 8, LIMIT), PromptMemory()
    before = told(engine.answer(messages, memory=memory))
    engine.load_weights(moved)
    after = told(engine.answer(messages, memory=memory))
    assert after == told(make_engine(changed, 8, LIMIT).answer(messages)) != before
    engine.load_weights(own)
    assert told(engine.answer(messages, memory=memory)) == before


def language_model(vlm: Path) -> dict[str, torch.Tensor]:
    """Matrices, norms and biases; a pico VLM has them under their canonical names."""
    tensors = load_file(vlm / "model.safetensors")
    names = merged_names(Checkpoint(vlm), vectors=True)
    return {canonical: tensors[name] for name, canonical in names.items()}


def test_weights_of_another_model_are_refused(vlm: Path) -> None:
    engine, name = make_engine(vlm, 8, LIMIT), "model.layers.0.mlp.up_proj.weight"
    with pytest.raises(EvaluationError, match=rf"'{name}' has shape \[1, 1\] .* has \[64, 32\]"):
        engine.load_weights({name: torch.zeros(1, 1)})
    with pytest.raises(EvaluationError, match="has no such tensor"):
        engine.load_weights({"model.embed_tokens.weight": torch.zeros(1, 1)})
