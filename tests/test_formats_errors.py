"""Files that VLMEvalKit scores without a word though the score means nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from frism.errors import EvaluationError
from tests import kit_formats_perception as perception
from tests import kit_formats_reasoning as reasoning
from tests.kit_formats import scored


def test_one_of_several_splits_must_be_reported(tmp_path: Path) -> None:
    case = reasoning.mmstar()
    case = replace(case, rows=case.rows.assign(split=["val", "test"]))
    with pytest.raises(EvaluationError, match=r"the splits \[.*\], expected one number"):
        scored(case, tmp_path, "exact")


def test_one_split_is_no_choice(tmp_path: Path) -> None:
    case = reasoning.mmstar()
    case = replace(case, rows=case.rows.assign(split="val"))
    assert scored(case, tmp_path, "exact").score == 50


def test_a_category_that_mme_does_not_count_is_named(tmp_path: Path) -> None:
    case = perception.mme()
    rows = case.rows.assign(category=case.rows["category"].replace("OCR", "ocr"))
    with pytest.raises(EvaluationError, match=r"categories add up to .* expected none but MME's"):
        scored(replace(case, rows=rows), tmp_path, "exact")


def test_part_of_mme_is_percent_of_what_it_can_reach(tmp_path: Path) -> None:
    case = perception.mme()
    part = replace(case, rows=case.rows.head(4), said=["Yes", "No", "Yes", "Yes"])
    # 200 points for the first category, 50 for the second
    assert scored(part, tmp_path, "exact").score == pytest.approx(100 * 250 / 400)


def test_sub_scores_are_reported_too(tmp_path: Path) -> None:
    found = scored(perception.hallusion(), tmp_path / "1", "exact").metrics
    assert (found["Overall: aAcc"], found["VD: fAcc"]) == (75, 50)
    found = scored(perception.mme(), tmp_path / "2", "exact").metrics
    assert (found["perception"], found["reasoning"], found["OCR"]) == (2000, 650, 200)
    found = scored(reasoning.mmmu(), tmp_path / "3", "rule").metrics
    assert (found["validation: Overall"], found["dev: Art"]) == (50, 100)
    found = scored(reasoning.dynamath(), tmp_path / "4", "rule").metrics
    assert found["Average: Overall"] == 60
    assert found["Worst Case: Overall"] == pytest.approx(100 / 3)
    found = scored(reasoning.mathverse(), tmp_path / "5", "rule").metrics
    assert found["Overall"] == 60
    assert found["Text Dominant: Overall"] == 100
    assert found["Vision Only: Angle"] == pytest.approx(100 / 3)


def test_the_questions_that_count_average_to_the_headline(tmp_path: Path) -> None:
    for number, case in enumerate((perception.mmbench(), reasoning.mmmu())):
        found = scored(case, tmp_path / str(number), "rule")
        counted = [found.hits[index] for index in found.counted]
        assert len(counted) < len(found.hits)
        assert 100 * sum(counted) / len(counted) == pytest.approx(found.score)
