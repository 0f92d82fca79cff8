"""Final answers of outputs in the styles of real models."""

from __future__ import annotations

import pytest

from frism.judging import Kind, extract
from tests import judging_choice_cases as choice
from tests import judging_number_cases as number
from tests import judging_word_cases as word

CASES: list[tuple[str, Kind, dict[str, str], str | None]] = [
    *((text, "choice", options, found) for text, options, found in choice.CHOICE),
    *((text, "choices", options, found) for text, options, found in choice.CHOICES),
    *((text, "number", {}, found) for text, found in number.NUMBER),
    *((text, "list", {}, found) for text, found in number.LIST),
    *((text, "expression", {}, found) for text, found in number.EXPRESSION),
    *((text, "yes_no", {}, found) for text, found in word.YES_NO),
    *((text, "text", {}, found) for text, found in word.TEXT),
]


@pytest.mark.parametrize(("text", "kind", "options", "found"), CASES)
def test_final_answer(text: str, kind: Kind, options: dict[str, str], found: str | None) -> None:
    assert extract(text, kind, options) == found


def test_the_table_is_as_large_as_promised() -> None:
    assert len(CASES) >= 220
    assert len({(text, kind, str(options)) for text, kind, options, _ in CASES}) == len(CASES)
