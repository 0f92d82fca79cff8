"""Final answers of outputs in the styles of real models."""

from __future__ import annotations

import random

import pytest

from frism.judging import Kind, extract
from frism.judging.kinds import KINDS
from tests import judging_choice_cases as choice
from tests import judging_choice_chains as chains
from tests import judging_choice_styles as choice_styles
from tests import judging_number_cases as number
from tests import judging_styles as styles
from tests import judging_word_cases as word
from tests.judging_phrase_cases import CASES as PHRASES

CHOICE = choice.CHOICE + chains.CHOICE + choice_styles.CHOICE
CHOICES = chains.CHOICES + choice_styles.CHOICES
CASES: list[tuple[str, Kind, dict[str, str], str | None]] = [
    *((text, "choice", options, found) for text, options, found in CHOICE),
    *((text, "choices", options, found) for text, options, found in CHOICES),
    *((text, "number", {}, found) for text, found in number.NUMBER + styles.NUMBER),
    *((text, "list", {}, found) for text, found in number.LIST + styles.LIST),
    *((text, "expression", {}, found) for text, found in number.EXPRESSION + styles.EXPRESSION),
    *((text, "yes_no", {}, found) for text, found in word.YES_NO + styles.YES_NO),
    *((text, "text", {}, found) for text, found in word.TEXT + styles.TEXT),
    *PHRASES,
]


@pytest.mark.parametrize(("text", "kind", "options", "found"), CASES)
def test_final_answer(text: str, kind: Kind, options: dict[str, str], found: str | None) -> None:
    assert extract(text, kind, options) == found


def test_the_table_is_as_large_as_promised() -> None:
    assert len(CASES) >= 750
    assert len({(text, kind, str(options)) for text, kind, options, _ in CASES}) == len(CASES)


SETTLED = [(kind, options, found) for _, kind, options, found in CASES if found is not None]


@pytest.mark.parametrize(("kind", "options", "found"), SETTLED)
def test_an_extracted_answer_stays_what_it_is(
    kind: Kind, options: dict[str, str], found: str
) -> None:
    assert extract(found, kind, options) == found


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_breaks_or_stops_the_rules(kind: Kind) -> None:
    alphabet = "AB 19,.=()$\\{}*\n-+^/\"'boxedtiswn%√½答案是"
    pieces = ["\\boxed{", "The answer is ", "\\frac{", "Answer:", "not ", " or ", '"answer": ']
    source = random.Random(kind)
    for length in (3, 30, 300) * 40:
        text = "".join(source.choice([*alphabet, *pieces]) for _ in range(length))
        found = extract(text, kind, {"A": "9", "B": "x"} if kind == "choice" else {})
        assert found is None or found
        assert kind != "choice" or found in (None, "A", "B")
    for loop in ("9^", "A, ", "\\boxed{", "**", "the answer is ", "x" * 9, "\\frac{1}{2}", "("):
        extract(loop * 4_000, kind)
