"""Reasoning benchmarks under their real names: scores and credits counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.config.suites import Judge as JudgeName
from tests.kit_formats import Case, scored
from tests.kit_formats_reasoning import cases

RUNS = [(case, judge) for case in cases() for judge in case.hits]


@pytest.mark.parametrize(
    ("case", "judge"), RUNS, ids=[f"{case.name}-{judge}" for case, judge in RUNS]
)
def test_scores_equal_a_count_by_hand(case: Case, judge: JudgeName, tmp_path: Path) -> None:
    found = scored(case, tmp_path, judge)
    assert list(found.hits) == list(case.rows["index"])
    assert list(found.hits.values()) == pytest.approx(list(case.hits[judge]))
    assert found.score == pytest.approx(case.scores[judge])
    assert found.failed == ()
