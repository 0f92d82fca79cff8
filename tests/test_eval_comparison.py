"""Differences between a VLM and its merges, paired by question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from frism.cli.main import main
from frism.errors import DataError
from frism.evaluation.suite.comparison import comparison_table
from frism.evaluation.suite.intervals import difference_interval
from frism.evaluation.suite.results import BenchmarkResult, Credit, write_result
from tests.suite_results import result


def both(reasoning: list[float], perception: list[float]) -> dict[str, BenchmarkResult]:
    found = [result("MMStar", "reasoning", reasoning), result("POPE", "perception", perception)]
    return {each.benchmark: each for each in found}


def test_interval_of_a_difference_is_paired() -> None:
    """Of 4 questions one is won and none lost: sd 50, error 25, half 1.96 times that."""
    found = difference_interval((50.0, 25.0), ([1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]))
    assert found == pytest.approx((25.0, 25 - 48.9991, 25 + 48.9991), abs=1e-3)
    same = difference_interval((50.0, 50.0), ([1.0, 0.0], [1.0, 0.0]))
    assert same == (0, 0, 0)


def test_without_hits_a_difference_has_no_interval() -> None:
    found = difference_interval((50.0, 25.0), ([], []))
    assert found.value == 25
    assert np.isnan([found.low, found.high]).all()


def test_table_of_a_merge() -> None:
    vlm, merge = both([1, 0, 0, 0], [1, 1]), both([1, 1, 0, 0], [0, 1])
    table = comparison_table(vlm, {"ties": merge})
    rows = table[table["model"] == "ties"]
    assert list(rows["benchmark"]) == ["MMStar", "average", "POPE", "average"]
    assert list(rows["score"]) == [50, 50, 50, 50]
    assert list(rows["delta"]) == [25, 25, -50, -50]
    assert list(rows["delta_low"].round(2)) == [-24, -24, -148.0, -148.0]
    assert not table[table["model"] == "vlm"]["delta"].any()


def test_questions_that_do_not_count_have_no_part() -> None:
    def counted(hits: list[float]) -> BenchmarkResult:
        made = result("MMMU_DEV_VAL", "reasoning", hits[1:])
        first = Credit(index=99, hit=hits[0], counted=False)
        return made.model_copy(update={"questions": (first, *made.questions)})

    vlm, merge = counted([0, 1, 0, 0]), counted([1, 1, 1, 0])
    table = comparison_table({"MMMU_DEV_VAL": vlm}, {"m": {"MMMU_DEV_VAL": merge}})
    error = 100 * np.std([0, 1, 0], ddof=1) / 3**0.5
    row = table[table["model"] == "m"].iloc[0]
    assert row["delta_high"] - row["delta"] == pytest.approx(1.959964 * error)


def test_models_that_were_asked_otherwise_are_not_compared() -> None:
    vlm, merge = both([1, 0], [1, 1]), both([1, 1], [0, 1])
    other = merge["POPE"].model_copy(update={"generation": {"decoding": "sampled"}})
    with pytest.raises(DataError, match="ties: found another file, judge or setting of POPE"):
        comparison_table(vlm, {"ties": {**merge, "POPE": other}})
    with pytest.raises(DataError, match="ties: found no result of POPE"):
        comparison_table(vlm, {"ties": {"MMStar": merge["MMStar"]}})


def test_step(tmp_path: Path) -> None:
    models = {"vlm": both([1, 0], [1, 1]), "ties/lambda=1": both([1, 1], [0, 1])}
    for place, results in models.items():
        for name, each in results.items():
            write_result(each, tmp_path / place / f"{name}.json")
    folders = [str(tmp_path / place) for place in models]
    assert main(["compare", *folders, "--title", "Pico", "--output", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "evaluations.md").read_text()
    assert text.startswith("# Pico\n\n| group | benchmark | vlm | ties lambda=1 |")
    assert "| reasoning | MMStar | 50.0 | 100.0 (+50.0; -48.0 to +148.0) |" in text
    assert len(pd.read_csv(tmp_path / "out" / "evaluations.csv")) == 8
    assert main(["compare", str(tmp_path), "--output", str(tmp_path / "out")]) == 2
