"""Which option an answer to a multiple-choice question names."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from frism.embedded.vocabulary import WORDS
from frism.evaluation import bare, kit
from frism.evaluation.answers import NO_ANSWER, Answer
from frism.evaluation.choices import named
from frism.evaluation.datasets import build
from frism.evaluation.judges import judge_of
from frism.evaluation.scoring import score
from tests.pico_questions import choice_rows, save

OPTIONS = {"A": "8", "B": "12", "C": "13", "D": "7"}


@pytest.mark.parametrize(
    ("final", "said"),
    [
        ("18", NO_ANSWER),
        ("7 + 6", NO_ANSWER),
        ("13", "C"),
        (" b. ", "B"),
        ("(B)", "B"),
        ("the answer is B", "the answer is B"),
        (NO_ANSWER, NO_ANSWER),
        (kit.FAIL_MSG, kit.FAIL_MSG),
    ],
)
def test_only_a_letter_or_a_whole_text_names_an_option(final: str, said: str) -> None:
    assert named(final, OPTIONS) == said


def test_options_that_are_letters_or_alike() -> None:
    assert named("b", {"A": "b", "B": "c"}) == "A"
    assert named("B", {"A": "b", "B": "c"}) == "B"
    assert named("x", {"A": "x", "B": "X "}) == NO_ANSWER
    assert named("e", {"A": "x", "E": ""}) == NO_ANSWER


def test_vlmevalkit_counts_no_substrings(tmp_path: Path) -> None:
    answers = {"18": "A", "13": "C", "B": "B", " b. ": "B", "8": "A", "12": "C"}
    save(choice_rows([*answers.values()]).assign(**OPTIONS), tmp_path, "FrismPico_VAL")
    (tmp_path / "work").mkdir()
    with kit.settings(tmp_path):
        given: dict[int | str, Answer] = {
            k: Answer(text, tokens=2, ended=True) for k, text in enumerate(answers)
        }
        scored = score(build("FrismPico_VAL"), given, tmp_path / "work", judge_of("rule"))
    assert list(scored.hits.values()) == [0, 1, 1, 1, 1, 0]


def test_the_embedded_family_is_scored_by_whole_answers() -> None:
    # its words state no answer, so that rules for sentences never read one out of them
    draw = random.Random(0)
    for _ in range(3000):
        said = " ".join(draw.choices(WORDS, k=draw.randint(1, 8)))
        assert (bare.local_choice(OPTIONS, said) or NO_ANSWER) == named(said, OPTIONS)
        assert bare.local_text({"answer": "9"}, said) == said


def test_stated_answers_to_local_questions_are_read() -> None:
    said = "Option A is 8 and D is 7, so the answer is (B)."
    assert (named(said, OPTIONS), bare.local_choice(OPTIONS, said)) == (NO_ANSWER, "B")
    assert bare.local_text({"answer": "9"}, r"So the sum is $\boxed{9}$.") == "9"
