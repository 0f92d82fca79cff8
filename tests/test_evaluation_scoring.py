"""Scores of VLMEvalKit against a direct count, and failures that must not pass for scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from frism.errors import EvaluationError
from frism.evaluation import kit
from frism.evaluation.answers import Answer
from frism.evaluation.datasets import build
from frism.evaluation.judges import judge_of
from frism.evaluation.metrics_open import read_open
from frism.evaluation.result_files import ResultFiles
from frism.evaluation.scoring import score
from tests.pico_questions import choice_rows, open_rows, save, text_rows

RULE = judge_of("rule")
LETTERS = ["A", "B", "C", "D", "A", "B", "C", "D"]
# the last four: no option, an option's text, a cut chain that holds the letter, an open chain
CHOICES = [
    ("A", True),
    ("<think> 3 + 4 = 7 </think> B", True),
    ("C ;", True),
    ("A", True),
    ("none of them", True),
    ("4", True),
    ("<think> 3 </think> C", False),
    ("<think> D", True),
]
CHOICE_HITS = [1, 1, 1, 0, 0, 1, 0, 0]
TRUTHS = ["9", "a 7 b + ;", "12", "9", "007", "9.5", "9", "9"]
TEXTS = [
    ("9", True),
    ("<think> x </think> A 7 b + ;", True),
    ("1 2", True),
    ("9.0", True),
    ("007", True),
    ("9.5", True),
    ("9", False),
    ("", True),
]
TEXT_HITS = [1, 1, 0, 0, 1, 1, 0, 0]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A data root of VLMEvalKit with a work directory in it."""
    (tmp_path / "work").mkdir()
    with kit.settings(tmp_path):
        yield tmp_path


def answers_to(dataset: Any, texts: list[tuple[str, bool]]) -> dict[int | str, Answer]:
    given = [Answer(text, tokens=4, ended=ended) for text, ended in texts]
    return dict(zip(dataset.data["index"], given, strict=True))


@pytest.mark.parametrize(
    ("table", "texts", "hits"),
    [
        (choice_rows(LETTERS), CHOICES, CHOICE_HITS),
        (choice_rows(LETTERS).drop(columns="image"), CHOICES, CHOICE_HITS),
        (open_rows(TRUTHS), TEXTS, TEXT_HITS),
        (text_rows(TRUTHS), TEXTS, TEXT_HITS),
    ],
    ids=["choice", "text-choice", "open", "text-open"],
)
def test_scores_equal_a_direct_count(
    root: Path, table: pd.DataFrame, texts: list[tuple[str, bool]], hits: list[int]
) -> None:
    save(table, root, "FrismPico_VAL")
    dataset = build("FrismPico_VAL")
    scored = score(dataset, answers_to(dataset, texts), root / "work", RULE)
    assert list(scored.hits) == list(range(8))
    assert list(scored.hits.values()) == hits
    assert scored.score == 100 * sum(hits) / len(hits)
    assert {path.name for path in (root / "work").glob("*.[tc]sv")} == {
        "frism_FrismPico_VAL.tsv",
        "frism_FrismPico_VAL_exact_matching_result.tsv",
        "frism_FrismPico_VAL_acc.csv",
    }


def test_all_numeric_answers_stay_text(root: Path) -> None:
    save(open_rows(["9", "9.5", "12"]), root, "FrismPico_VAL")
    dataset = build("FrismPico_VAL")
    given = answers_to(dataset, [("9", True), ("9.50", True), ("12", True)])
    assert list(score(dataset, given, root / "work", RULE).hits.values()) == [1, 0, 1]


def test_a_work_directory_in_use_is_refused(root: Path) -> None:
    save(open_rows(TRUTHS), root, "FrismPico_VAL")
    given = answers_to(build("FrismPico_VAL"), TEXTS)
    score(build("FrismPico_VAL"), given, root / "work", RULE)
    with pytest.raises(EvaluationError, match="expected a fresh directory"):
        score(build("FrismPico_VAL"), given, root / "work", RULE)


@pytest.fixture
def predictions(root: Path) -> Path:
    """The prediction file of a finished evaluation of eight open questions."""
    save(open_rows(TRUTHS), root, "FrismPico_VAL")
    dataset = build("FrismPico_VAL")
    score(dataset, answers_to(dataset, TEXTS), root / "work", RULE)
    return root / "work" / "frism_FrismPico_VAL.tsv"


def reread(predictions: Path, questions: int = 8) -> float:
    files = ResultFiles(predictions, "FrismPico", kit.EXACT_MATCHING)
    return read_open(files, pd.DataFrame({"index": range(questions)})).score


def test_a_missing_metric_file_fails(predictions: Path) -> None:
    assert reread(predictions) == 50.0
    predictions.with_name("frism_FrismPico_VAL_acc.csv").unlink()
    with pytest.raises(EvaluationError, match=r"left no file frism_FrismPico_VAL_acc\.csv"):
        reread(predictions)


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("Overall\n\n", "expected one number"),
        ("Other\n50.0\n", "expected one number"),
        ("split,Overall\na,50.0\nb,50.0\n", "expected one number"),
        ("Overall\n75.0\n", "reports 75.0 but its rows average to 50.0"),
    ],
)
def test_a_wrong_metric_fails(predictions: Path, metric: str, message: str) -> None:
    predictions.with_name("frism_FrismPico_VAL_acc.csv").write_text(metric)
    with pytest.raises(EvaluationError, match=message):
        reread(predictions)


def test_a_missing_row_fails(predictions: Path) -> None:
    with pytest.raises(EvaluationError, match=r"8 results for 9 questions.*\[8\]"):
        reread(predictions, questions=9)


def test_a_failed_prediction_fails(root: Path) -> None:
    save(open_rows(TRUTHS), root, "FrismPico_VAL")
    dataset = build("FrismPico_VAL")
    given = answers_to(dataset, [(kit.FAIL_MSG, True), *TEXTS[1:]])
    with pytest.raises(EvaluationError, match="1 failed predictions"):
        score(dataset, given, root / "work", RULE)
