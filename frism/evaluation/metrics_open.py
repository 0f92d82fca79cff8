"""Results of open questions that VLMEvalKit scores by comparing texts."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import pandas as pd

from frism.errors import EvaluationError
from frism.evaluation import kit
from frism.evaluation.datasets import ACCURACY_SUFFIX, RESULT_SUFFIX
from frism.evaluation.result_files import Reading, ResultFiles, numbers

FORMULAS = "Handwritten Mathematical Expression Recognition"


def read_open(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads the accuracy of local files of open questions.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of the questions.
    """
    hits = files.hits(files.table(RESULT_SUFFIX), "hit", list(data["index"]))
    return _mean_of(files, files.table(ACCURACY_SUFFIX), hits)


def read_matches(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads TextVQA's consensus accuracy, ChartQA's relaxed accuracy and their like.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of the questions.
    """
    rows = files.table("_results")
    matches = [{"match": ast.literal_eval(str(cell))} for cell in rows["eval_match"]]
    credit = kit.hit_calculate(matches, files.name)
    hits = files.hits(rows, credit, list(data["index"]))
    return _mean_of(files, files.table(ACCURACY_SUFFIX), hits)


def read_vizwiz(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads VizWiz's accuracy; the credit of each question is counted here as it is there.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of the questions.
    """
    rows = files.table("")
    given = zip(rows["answers"].astype(str), rows["prediction"].astype(str), strict=True)
    lines = [kit.process_line({"answer": truth, "prediction": said}) for truth, said in given]
    credit = kit.hit_calculate(lines, files.name)
    hits = files.hits(rows, credit, list(data["index"]))
    return _mean_of(files, files.table(ACCURACY_SUFFIX), hits)


def _mean_of(files: ResultFiles, table: pd.DataFrame, hits: dict[int | str, float]) -> Reading:
    score = files.number(table, "Overall")
    files.agree(score, list(hits.values()))
    return Reading(score, hits, tuple(hits), numbers(table))


def read_ocrbench(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads OCRBench's final score, percent of the questions (its own scale at 1000 of them).

    VLMEvalKit writes no result for each question; they are counted here by its rule.

    Raises:
        EvaluationError: Something is missing, or the score is not the number of hits.
    """
    rows, found = files.table(""), files.mapping("_score")
    hits = files.hits(rows, [_contains(row) for row in rows.to_dict("records")], [*data["index"]])
    if found.get("Final Score") != sum(hits.values()):
        raise EvaluationError(
            f"{files.name}: VLMEvalKit reports the final score {found.get('Final Score')} but "
            f"{sum(hits.values())} answers hold the truth; expected equal"
        )
    metrics = {name: float(value) for name, value in found.items()}
    return Reading(100 * found["Final Score"] / len(hits), hits, tuple(hits), metrics)


def _contains(row: Mapping[Any, Any]) -> bool:
    formula = row["category"] == FORMULAS

    def plain(text: str) -> str:
        line = text.strip().replace("\n", " ")
        return line.replace(" ", "") if formula else line.lower()

    said = plain(str(row["prediction"]))
    return any(plain(truth) in said for truth in ast.literal_eval(row["answer"]))
