"""Results of yes/no questions: POPE, HallusionBench and MME report more than accuracy."""

from __future__ import annotations

import pandas as pd

from frism.errors import EvaluationError
from frism.evaluation.result_files import Reading, ResultFiles, numbers

# of one category of MME: accuracy of questions and of images with both questions right, in percent
MME_POINTS = 200
HALLUSION = ("aAcc", "fAcc", "qAcc")


def read_yes_no(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads the headline by what the score file holds.

    MME: points of all categories, percent of those that can be had (2800 for its 14 categories).
    HallusionBench: mean of aAcc, fAcc and qAcc. POPE: F1. Others: accuracy.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of the questions.
    """
    rows = files.table("_auxmatch")
    hits = files.hits(rows, "score", list(data["index"]))
    table = files.table("_score", "csv")
    if "perception" in table:
        score = _mme(files, table)
    elif "aAcc" in table:
        files.agree(files.number(table, "aAcc", "Overall"), list(hits.values()))
        score = sum(files.number(table, name, "Overall") for name in HALLUSION) / len(HALLUSION)
    elif "precision" in table:
        files.agree(files.number(table, "acc", "Overall"), _by_category(rows))
        score = files.number(table, "Overall", "Overall")
    else:
        score = files.number(table, "Overall")
        files.agree(score, list(hits.values()))
    return Reading(score, hits, tuple(hits), numbers(table))


def _mme(files: ResultFiles, table: pd.DataFrame) -> float:
    points = files.number(table, "perception") + files.number(table, "reasoning")
    categories = numbers(table.drop(columns=["perception", "reasoning"]))
    if abs(points - sum(categories.values())) > 1e-6 * MME_POINTS:
        raise EvaluationError(
            f"{files.name}: VLMEvalKit reports {points} points but its categories add up to "
            f"{sum(categories.values())}; expected none but MME's own, found {sorted(categories)}"
        )
    return 100 * points / (MME_POINTS * len(categories))


def _by_category(rows: pd.DataFrame) -> list[float]:
    # POPE's rating counts a question once for each of its categories
    counts = (len(str(kinds).split(",")) for kinds in rows["category"])
    pairs = zip(rows["score"], counts, strict=True)
    return [float(score) for score, count in pairs for _ in range(count)]
