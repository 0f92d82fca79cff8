"""Batches hold what is alike, and no more than fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from frism.evaluation.batching import Bounds, Lengths, share_out
from frism.evaluation.chat import Chat, Shown
from tests.engines import make_engine, told
from tests.family_questions import ask_about
from tests.vlm_families import FAMILIES, FamilyMaker

WIDE = Bounds(questions=1000, tokens=10**9, answer=0)


def shown(pixels: int, characters: int) -> Shown:
    sizes = ((pixels, 1),) if pixels else ()
    return Shown("x" * characters, ("image",) * len(sizes), sizes)


def tokens(question: Shown) -> int:
    """Ten pixels are a token, and so is a character."""
    return sum(width * height // 10 for width, height in question.sizes) + len(question.prompt)


def random_questions(count: int) -> list[Shown]:
    rng = np.random.default_rng(0)
    sizes = rng.choice([0, 640, 5000, 300_000], count)
    return [
        shown(int(pixels), int(length))
        for pixels, length in zip(sizes, rng.integers(1, 400, count), strict=True)
    ]


@pytest.mark.parametrize(
    "bounds", [Bounds(16, 10**9, 64), Bounds(1000, 4000, 50), Bounds(7, 40_000, 500), WIDE]
)
def test_every_question_once_and_bounds_kept(bounds: Bounds) -> None:
    questions = random_questions(200)
    batches = share_out(questions, bounds, list(map(tokens, questions)))
    assert sorted(k for batch in batches for k in batch) == list(range(200))
    for batch in batches:
        lengths = [tokens(questions[k]) for k in batch]
        assert len(batch) <= bounds.questions
        if len(batch) > 1:
            assert len(batch) * (max(lengths) + bounds.answer) <= bounds.tokens
            padding = len(batch) * max(lengths) - sum(lengths)
            assert padding <= max(8192, len(batch) * max(lengths) / 4)


def test_a_batch_of_long_prompts_is_small() -> None:
    short, long = [shown(0, 10)] * 100, [shown(300_000, 10)] * 10
    questions = [*short, *long]
    batches = share_out(questions, Bounds(64, 70_000, 100), list(map(tokens, questions)))
    sizes = [len(batch) for batch in batches]
    assert sizes == [64, 36, 2, 2, 2, 2, 2]


def test_like_images_share_a_batch() -> None:
    questions = [shown(pixels, 5 * k) for k in range(4) for pixels in (900, 100, 400)]
    batches = share_out(questions, Bounds(4, 10**9, 0), list(map(tokens, questions)))
    assert [{questions[k].sizes[0][0] for k in batch} for batch in batches] == [{100}, {400}, {900}]


def test_a_question_beyond_the_bounds_has_a_batch_of_its_own() -> None:
    questions = [shown(0, 5), shown(300_000, 1), shown(300_000, 2), shown(0, 6)]
    batches = share_out(questions, Bounds(8, 100, 4), list(map(tokens, questions)))
    assert batches == [[0, 3], [1], [2]]


@pytest.mark.parametrize("name", FAMILIES)
def test_lengths_are_those_of_the_processor(
    name: str, families: FamilyMaker, tmp_path: Path
) -> None:
    chat = Chat(families(name).vlm)
    lengths = Lengths(chat)
    questions = [chat.shown(message) for message in ask_about(tmp_path, (1, 0, 2, 1, 3))]
    for question, length in zip(questions, lengths(questions), strict=True):
        exact = chat.inputs([question])["input_ids"].shape[1]
        # a placeholder may part or join tokens of the text beside it
        assert abs(length - exact) <= len(question.images)


def test_bounds_change_no_answer(families: FamilyMaker, tmp_path: Path) -> None:
    vlm, messages = families("internvl").vlm, ask_about(tmp_path, (1, 2, 1, 0, 1, 3))
    expected = told(make_engine(vlm, 64, 8).answer(messages))
    for bound in (1, 60, 200):
        engine = make_engine(vlm, 64, 8, max_batch_tokens=bound)
        assert told(engine.answer(messages)) == expected
