"""The bare answers that VLMEvalKit is handed for rows of its benchmarks."""

from __future__ import annotations

import pytest

from frism.evaluation import bare
from tests import bare_answer_cases as cases

REWRITERS: list[tuple[bare.Rewriter, list[cases.Case]]] = [
    (bare.mathvista, cases.MATHVISTA),
    (bare.mathvision, cases.MATHVISION),
    (bare.mathverse, cases.MATHVERSE),
    (bare.dynamath, cases.DYNAMATH),
    (bare.logicvista, cases.LOGICVISTA),
    (bare.short_text, cases.SHORT_TEXT),
]
ROWS = [(rewriter, *case) for rewriter, table in REWRITERS for case in table]


@pytest.mark.parametrize(("rewriter", "row", "final", "answer"), ROWS)
def test_bare_answer(
    rewriter: bare.Rewriter, row: cases.Row, final: str, answer: str | None
) -> None:
    assert rewriter(row, final) == answer
