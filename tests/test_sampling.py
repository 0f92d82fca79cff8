"""Draws follow the distribution, and belong to a question whatever shares its batch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from frism.evaluation.chat import Message
from frism.evaluation.sampling import Sampler, generator, nucleus
from tests.engines import make_engine, told
from tests.family_questions import ask_about
from tests.vlm_families import FamilyMaker

LIMIT = 16
LOGITS = torch.tensor([2.0, 1.0, 0.5, -1.0, -3.0])


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    return ask_about(tmp_path_factory.mktemp("images"), (1, 0, 2, 1, 1, 0, 1, 2))


@pytest.fixture(scope="module")
def keys(messages: list[Message]) -> list[str]:
    return [f"Benchmark {k}" for k in range(len(messages))]


@pytest.fixture(scope="module")
def vlm(families: FamilyMaker) -> Path:
    return families("qwen3_vl").vlm


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.5, 1.0), (2.0, 0.8)])
def test_draws_follow_the_distribution(temperature: float, top_p: float) -> None:
    draws = 20_000
    shares = np.exp(LOGITS.double().numpy() / temperature)
    shares /= shares.sum()
    kept = np.cumsum(shares) - shares < top_p  # they are in descending order
    shares = np.where(kept, shares, 0) / shares[kept].sum()
    sampler = Sampler(temperature, top_p, [generator(0, "a")])
    drawn = Counter(int(sampler.choose(LOGITS[None], [0])) for _ in range(draws))
    for token, share in enumerate(shares):
        spread = 5 * np.sqrt(share * (1 - share) / draws)
        assert abs(drawn[token] / draws - share) <= spread


def test_a_nucleus_holds_the_fewest_tokens_that_reach_the_share() -> None:
    torch.manual_seed(0)
    logits = torch.randn(8, 50)
    for row, cut in zip(logits.softmax(-1).tolist(), nucleus(logits, 0.6).tolist(), strict=True):
        kept = [share for share, value in zip(row, cut, strict=True) if value > -np.inf]
        assert sorted(kept) == sorted(row)[-len(kept) :]
        assert sum(kept) >= 0.6 > sum(kept) - min(kept)


def test_neither_batch_nor_order_changes_a_drawn_answer(
    vlm: Path, messages: list[Message], keys: list[str]
) -> None:
    alone = make_engine(vlm, 1, LIMIT, temperature=1.0, seed=3)
    expected = told(alone.answer(messages, keys=keys))
    for batch_size in (3, 64):
        engine = make_engine(vlm, batch_size, LIMIT, temperature=1.0, seed=3)
        assert told(engine.answer(messages, keys=keys)) == expected
        assert told(engine.answer(messages[::-1], keys=keys[::-1])) == expected[::-1]
        assert told(engine.answer(messages[2:5], keys=keys[2:5])) == expected[2:5]


def test_seed_and_key_decide(vlm: Path, messages: list[Message], keys: list[str]) -> None:
    same = [messages[0]] * 8
    engine = make_engine(vlm, 8, LIMIT, temperature=1.0, seed=3)
    assert len({answer.text for answer in engine.answer(same, keys=keys)}) > 4
    assert len({answer.text for answer in engine.answer(same, keys=["one"] * 8)}) == 1
    other = make_engine(vlm, 8, LIMIT, temperature=1.0, seed=4)
    assert told(other.answer(same, keys=keys)) != told(engine.answer(same, keys=keys))


@pytest.mark.parametrize("settings", [{"temperature": 1e-4}, {"temperature": 1.0, "top_p": 1e-6}])
def test_cold_draws_are_the_likeliest_tokens(
    vlm: Path, messages: list[Message], settings: dict[str, Any]
) -> None:
    greedy = make_engine(vlm, 8, LIMIT).answer(messages)
    assert told(make_engine(vlm, 8, LIMIT, **settings).answer(messages)) == told(greedy)
