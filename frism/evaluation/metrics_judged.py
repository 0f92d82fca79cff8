"""Results of benchmarks whose answers a judge extracts or compares."""

from __future__ import annotations

import pandas as pd

from frism.evaluation import kit
from frism.evaluation.result_files import Index, Reading, ResultFiles, numbers


def read_mathvista(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads MathVista's accuracy.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of the questions.
    """
    return _checked_again(files, data, "utils.mathvista")


def read_mathvision(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads MathVision's accuracy.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of the questions.
    """
    return _checked_again(files, data, "utils.mathv")


def _checked_again(files: ResultFiles, data: pd.DataFrame, module: str) -> Reading:
    check = kit.evaluation_module(module).post_check
    rows = files.table(f"_{files.model}")
    # VLMEvalKit writes the extracted answers, not whether they are right
    credit = [bool(check(row)) for _, row in rows.iterrows()]
    hits = files.hits(rows, credit, list(data["index"]))
    table = files.table(f"_{files.model}_score", "csv")
    names = table.iloc[:, 0]
    score = files.number(table, "acc", "Overall")
    files.agree(score, list(hits.values()))
    metrics = dict(zip(names.astype(str), table["acc"].astype(float), strict=True))
    return Reading(score, hits, tuple(hits), metrics)


def read_mathverse(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads MathVerse's accuracy over all its problem versions; VLMEvalKit reports each by itself.

    Raises:
        EvaluationError: Something is missing, or an accuracy is not the mean of its questions.
    """
    rows = files.table(f"_{files.model}_score")
    hits = files.hits(rows, "score", list(data["index"]))
    table = files.table(f"_{files.model}_score", "csv")
    reported = []
    for version, members in rows.groupby("problem_version"):
        reported.append(files.number(table, "Overall", str(version)))
        files.agree(reported[-1], [hits[i] for i in members["index"]])
    whole = 100 * sum(hits.values()) / len(hits)
    score = reported[0] if len(reported) == 1 else whole
    return Reading(score, hits, tuple(hits), {"Overall": score} | numbers(table))


def read_logicvista(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads LogicVista's accuracy.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of the questions.
    """
    hits = files.hits(files.table(f"_{files.model}"), "hit", list(data["index"]))
    table = files.table(f"_{files.model}_score", "csv")
    score = files.number(table, "acc", "Overall")
    files.agree(score, list(hits.values()))
    metrics = numbers(table.set_index(table.columns[0])[["acc"]].T)
    return Reading(score, hits, tuple(hits), metrics)


def read_dynamath(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads DynaMath's average accuracy; that of the worst variant is among the metrics.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of the questions.
    """
    hits: dict[Index, float] = files.hits(
        files.table(f"_{files.model}"), "correct", list(data["index"])
    )
    table = files.table(f"_{files.model}_score", "csv")
    score = 100 * files.number(table, "Overall", "Average")
    files.agree(score, list(hits.values()))
    return Reading(score, hits, tuple(hits), numbers(table, 100))
