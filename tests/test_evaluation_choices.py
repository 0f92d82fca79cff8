"""Which option an answer to a multiple-choice question names."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.evaluation import kit
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
