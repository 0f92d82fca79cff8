"""Intervals and tables of a suite's results."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from frism.evaluation.suite.intervals import average_interval, score_interval
from frism.evaluation.suite.results import Marked, read_result, write_result
from frism.evaluation.suite.table import write_table
from frism.results.statistics import Estimate
from tests.suite_results import HASH, chains, result


def test_interval_of_a_score_is_wilsons() -> None:
    """10 of 40: the roots of (p - 0.25)^2 = z^2 p (1 - p) / 40 are 0.1419 and 0.4019."""
    found = score_interval(25.0, [1.0] * 10 + [0.0] * 30)
    assert found is not None
    assert found == pytest.approx((25.0, 14.187, 40.194), abs=0.001)


def test_a_score_that_is_no_mean_has_no_interval() -> None:
    assert score_interval(26.0, [1.0] * 10 + [0.0] * 30) is None
    assert score_interval(33.33, [1.0, 0.0, 0.0]) is not None


def test_interval_of_an_average() -> None:
    """Distances 3 and 4 below, 6 and 8 above: 5 / 2 and 10 / 2."""
    found = average_interval([Estimate(20, 17, 26), Estimate(40, 36, 48)])
    assert found == pytest.approx((30, 27.5, 35))
    alone = Estimate(20, 17, 26)
    assert average_interval([alone]) == pytest.approx(alone)


def test_an_average_with_a_score_without_interval_has_none() -> None:
    nan = float("nan")
    found = average_interval([Estimate(20, 17, 26), Estimate(40, nan, nan)])
    assert found.value == 30
    assert pd.isna([found.low, found.high]).all()


def test_table(tmp_path: Path) -> None:
    results = [
        result("MMStar", "reasoning", [1.0, 0.0, 0.0, 0.0]),
        result("MathVision", "reasoning", [1.0, 1.0], chains=chains(1.0)),
        result("MME", "perception", [1.0, 0.0], score=61.5, failed=(Marked(index=1, problem="x"),)),
    ]
    text = write_table(results, tmp_path, "A model")
    rows = pd.read_csv(tmp_path / "results.csv")
    assert list(rows["score"]) == [25, 100, 62.5, 61.5, 61.5]
    assert list(rows["benchmark"]) == ["MMStar", "MathVision", "average", "MME", "average"]
    assert list(rows["questions"]) == [4, 2, 6, 2, 2]
    assert list(rows["chain_share"]) == [0.5, 1.0, 0.75, 0.5, 0.5]
    assert list(rows["low"].isna()) == [False, False, False, True, True]
    assert list(rows["failed"]) == [0, 0, 0, 1, 1]
    assert text == (tmp_path / "results.md").read_text()
    assert text.startswith("# A model\n")
    assert "| perception | MME | 61.5 | — | 2 |" in text
    assert "| **reasoning** | **average** | **62.5** |" in text
    assert "MME, question 1 is marked: x" in text


def test_many_marks_are_counted_in_the_text(tmp_path: Path) -> None:
    marks = tuple(Marked(index=k, problem="broken") for k in range(50))
    text = write_table([result("MMStar", "reasoning", [0.0] * 50, broken=marks)], tmp_path, "A")
    assert text.count("is marked") == 20
    assert "and 30 more" in text


def test_a_result_is_read_under_its_own_key_alone(tmp_path: Path) -> None:
    path, made = tmp_path / "MMStar.json", result("MMStar", "reasoning", [1.0, 0.0])
    assert read_result(path, HASH) is None
    write_result(made, path)
    assert read_result(path, HASH) == made
    assert read_result(path, "1" * 64) is None
    path.write_text(path.read_text()[:-30])
    assert read_result(path, HASH) is None
