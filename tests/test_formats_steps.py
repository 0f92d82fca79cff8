"""WeMath's strict score by hand, for good models and for one that solves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from frism.config.suites import Judge as JudgeName
from frism.errors import EvaluationError
from tests.kit_formats import CUT, Case, Said, Scripted, last_answer, scored
from tests.kit_formats_steps import rows, said

JUDGES: tuple[JudgeName, ...] = ("exact", "rule", "openai")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return rows()


def case_of(table: pd.DataFrame, answers: Sequence[Said]) -> Case:
    return Case("WeMath", table, answers, {}, {}, last_answer({"Either": "B"}, "Answer: <start>"))


@pytest.mark.parametrize("judge", JUDGES)
def test_strict_score(table: pd.DataFrame, judge: JudgeName, tmp_path: Path) -> None:
    wrong = {
        (0, "multi"): "A",  # all steps right, the whole wrong: inadequate generalization
        (1, "1"): "B",  # a step wrong, the whole right: rote memorization
        (2, "2"): "Either A or B",  # a step and the whole wrong: insufficient knowledge
        (2, "multi"): "B",
        (3, "1"): "None",  # pandas reads it as no text at all
        (400, "3"): "<Answer>: <<C. 3 m>>",  # right in another form
    }
    found = scored(case_of(table, said(table, wrong)), tmp_path, judge)
    misses = len(table) - sum(found.hits.values())
    assert misses == 5
    assert found.score == pytest.approx(100 * (525 - 0.5 - 1 - 1 - 1) / 525, abs=0.005)
    assert found.metrics["One-step(S1)"] == pytest.approx(
        100 * (1 - 3 / (2 * 360 + 3 * 165)), abs=0.005
    )


@pytest.mark.parametrize("judge", JUDGES)
def test_a_cut_answer_is_no_letter(table: pd.DataFrame, judge: JudgeName, tmp_path: Path) -> None:
    # "Cannot determine the answer" starts with the truth
    answers: list[Said] = [("C", CUT)] * len(table)
    endpoint = Scripted(lambda prompt: "C")
    found = scored(
        case_of(table, answers), tmp_path, judge, endpoint if judge == "openai" else None
    )
    assert set(found.hits.values()) == {0}
    assert found.score == 0
    assert found.metrics["CompleteMastery (Strict)"] == 0
    assert endpoint.prompts == []


def test_part_of_the_file_has_no_score(table: pd.DataFrame, tmp_path: Path) -> None:
    part = table[table["ID"] < 10]
    with pytest.raises(EvaluationError, match=r"found 10 problems .* defined over 525"):
        scored(case_of(part, ["C"] * len(part)), tmp_path, "exact")
