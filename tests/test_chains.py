"""Chains that the template opens, that are closed by force, and that loop."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from frism.errors import ConfigError
from frism.evaluation.answers import NO_ANSWER
from frism.evaluation.chains import Chains
from frism.evaluation.chat import Message
from frism.evaluation.forcing import PHRASE
from frism.evaluation.loops import loops
from tests.engines import make_engine, told
from tests.family_questions import ask_about
from tests.pico_vlm import save_lrm
from tests.vlm_answers import load_vlm
from tests.vlm_families import FamilyMaker

LIMIT, BUDGET = 48, 12
OPENING = "{% if add_generation_prompt %}<think>\n{% endif %}"


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    return ask_about(tmp_path_factory.mktemp("images"), (1, 0, 2, 1, 1, 1))


@pytest.fixture(scope="module")
def thinker(families: FamilyMaker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VLM whose template opens the chain; it never closes it."""
    return opening(families("qwen3_vl").vlm, tmp_path_factory.mktemp("thinker") / "vlm")


def opening(checkpoint: Path, directory: Path) -> Path:
    shutil.copytree(checkpoint, directory)
    file = directory / "chat_template.jinja"
    file.write_text(file.read_text() + OPENING)
    return directory


def test_a_chain_that_the_template_opens_is_open(thinker: Path, messages: list[Message]) -> None:
    answers = make_engine(thinker, 4, LIMIT).answer(messages)
    for answer in answers:
        assert answer.text.startswith("<think>\n")
        assert answer.final == ""
        assert answer.scored == NO_ANSWER
        assert answer.thinking == answer.text.removeprefix("<think>\n")
        assert answer.chain_tokens > 0
        assert not answer.chain


def test_a_chain_is_closed_at_its_budget(thinker: Path, messages: list[Message]) -> None:
    model, processor = load_vlm(thinker)
    closing = f"\n</think>\n\n{PHRASE}"
    forced = make_engine(thinker, 4, LIMIT, thinking_budget=BUDGET).answer(messages)
    assert told(make_engine(thinker, 1, LIMIT, thinking_budget=BUDGET).answer(messages)) == told(
        forced
    )
    (text,) = [message for message in messages if len(message) == 1]
    content = [{"type": "text", "text": text[0]["value"]}]
    prompt = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True
    )
    ids = processor.tokenizer(prompt, return_tensors="pt", add_special_tokens=False)["input_ids"]
    start = ids.shape[1]
    ids = continued(model, ids, BUDGET)
    added = processor.tokenizer(closing, return_tensors="pt", add_special_tokens=False)["input_ids"]
    ids = continued(model, torch.cat([ids, added], dim=1), LIMIT - BUDGET - added.shape[1])
    answer = forced[messages.index(text)]
    expected = processor.decode(ids[0, start:], skip_special_tokens=True)
    assert answer.text == f"<think>\n{expected.strip()}"
    assert answer.final.startswith(PHRASE)
    assert all(each.forced for each in forced)


def continued(model: torch.nn.Module, ids: torch.Tensor, tokens: int) -> torch.Tensor:
    """Returns the ids and so many more, each the likeliest, without a cache."""
    for _ in range(tokens):
        if ids[0, -1] == 1:
            break
        ids = torch.cat([ids, model(input_ids=ids).logits[:, -1:].argmax(dim=-1)], dim=1)
    return ids


def test_what_is_no_open_chain_is_not_forced(
    families: FamilyMaker, messages: list[Message]
) -> None:
    vlm = families("qwen3_vl").vlm
    free, limited = (
        make_engine(vlm, 4, LIMIT, thinking_budget=budget).answer(messages)
        for budget in (0, BUDGET)
    )
    assert told(free) == told(limited)
    assert not any(answer.forced for answer in limited)


def test_a_vocabulary_without_the_phrase_closes_the_chain_alone(tmp_path: Path) -> None:
    lrm = opening(save_lrm(tmp_path / "plain"), tmp_path / "lrm")
    messages = [[{"type": "text", "value": f"{k} + 5 solve"}] for k in range(8)]
    free = make_engine(lrm, 4, 24).answer(messages)
    forced = make_engine(lrm, 4, 24, thinking_budget=4).answer(messages)
    for one, other in zip(free, forced, strict=True):
        if other.forced:
            words = other.text.partition(" </think>")[0].split()
            assert words == one.text.split()[: len(words)]
            if other.chain and other.text.count("</think>") == 1:
                assert other.chain_tokens == len(words) - 1 <= 4
        else:
            assert told([other]) == told([one])
    assert any(answer.forced for answer in forced)


def test_a_budget_must_leave_room_for_an_answer(thinker: Path) -> None:
    with pytest.raises(ConfigError, match=r"thinking_budget is 48, .* max_new_tokens is 48"):
        make_engine(thinker, 4, LIMIT, thinking_budget=LIMIT)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([7] * 32, True),
        ([7] * 31, False),
        ([1, 2, 3] * 11, True),
        ([1, 2, 3] * 10, False),
        ([9, 9, 4, *list(range(20)) * 4], True),
        (list(range(20)) * 3, False),
        ([*list(range(20)) * 4, 5], False),
        (list(range(256)) * 4, True),
        (list(range(257)) * 4, False),
        (list(range(400)), False),
        ([], False),
    ],
)
def test_loops(tokens: list[int], expected: bool) -> None:
    assert loops(tokens) == expected


def test_loops_of_answers(tmp_path: Path) -> None:
    """Without attention and MLP a token depends on the one before it alone: a model that loops."""
    lrm, limit = save_lrm(tmp_path / "lrm"), 200
    silent = {
        name: torch.zeros_like(tensor)
        for name, tensor in load_file(lrm / "model.safetensors").items()
        if "o_proj" in name or "down_proj" in name
    }
    messages = [[{"type": "text", "value": f"{k} + 5 {word}"}] for k in range(4) for word in "ab"]
    answers = {}
    for stop in (False, True):
        engine = make_engine(lrm, 4, limit, stop_loops=stop)
        engine.load_weights(silent)
        answers[stop] = engine.answer(messages)
    for one, other in zip(answers[False], answers[True], strict=True):
        assert (one.looped, one.cut, one.tokens) == (True, True, limit)
        assert (other.looped, other.cut, other.tokens) == (True, True, 64)
        assert one.text.startswith(other.text)
    statistics = Chains.of(answers[False])
    assert (statistics.looped, statistics.cut, statistics.forced) == (1, 1, 0)
