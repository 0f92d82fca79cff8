"""Scores from VLMEvalKit: predictions handed over, its result files read back and checked."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from frism.errors import EvaluationError
from frism.evaluation import kit
from frism.evaluation.answers import Answer
from frism.evaluation.choices import name_options
from frism.evaluation.datasets import ACCURACY_SUFFIX, RESULT_SUFFIX
from frism.evaluation.model import structured

MODEL_NAME = "frism"
JUDGE = "exact_matching"
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Scored:
    """What VLMEvalKit made of the answers.

    Attributes:
        score: percent.
        hits: index of a question -> credit, 0 to 1.
    """

    score: float
    hits: dict[int | str, float]


def score(dataset: Any, answers: dict[int | str, Answer], work: Path) -> Scored:
    """Scores `answers`, one per question of `dataset`, with VLMEvalKit.

    Args:
        dataset: a dataset of VLMEvalKit; it loses its images, as VLMEvalKit drops them.
        answers: index of a question -> answer.
        work: a fresh directory, since VLMEvalKit takes over what it finds in one.

    Raises:
        EvaluationError: The directory is in use, or a metric or a row is missing or wrong.
    """
    name = dataset.dataset_name
    previous = work / f"{MODEL_NAME}_{name}_PREV.pkl"
    if list(work.glob(f"*_{name}*")):
        raise EvaluationError(f"{work} holds results of {name}; expected a fresh directory")
    kit.dump({index: structured(answer) for index, answer in answers.items()}, str(previous))
    return evaluate(dataset, None, work)


def evaluate(dataset: Any, model: Any, work: Path) -> Scored:
    """Runs VLMEvalKit's own inference and evaluation; `model` answers what is not done yet.

    Between the two, answers to multiple-choice questions become the letters that they name.
    """
    indices = list(dataset.data["index"])
    name = dataset.dataset_name
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kit.infer_data_job(model, str(work), MODEL_NAME, dataset)
        predictions = kit.get_pred_file_path(str(work), MODEL_NAME, name)
        if dataset.TYPE == "MCQ":
            name_options(Path(predictions))
        dataset.evaluate(predictions, model=JUDGE, nproc=1)
    return read_scores(Path(predictions), name, indices, fraction=dataset.TYPE == "MCQ")


def read_scores(predictions: Path, name: str, indices: list[int | str], fraction: bool) -> Scored:
    """Reads and checks the result files that stand beside a prediction file.

    Args:
        predictions: VLMEvalKit's prediction file of the dataset `name`.
        name: dataset name.
        indices: the questions that must have a result.
        fraction: whether VLMEvalKit reports this kind of dataset from 0 to 1, not in percent.

    Raises:
        EvaluationError: A metric or row is missing, or the metric is not the mean of the rows.
    """
    failed = [str(p) for p in _table(predictions, "", name)["prediction"] if kit.FAIL_MSG in str(p)]
    if failed:
        raise EvaluationError(f"{name}: {len(failed)} failed predictions, such as {failed[0]!r}")
    hits = _hits(_table(predictions, RESULT_SUFFIX, name), name, indices)
    overall = _overall(_table(predictions, ACCURACY_SUFFIX, name), name)
    percent = 100 * overall if fraction else overall
    mean = 100 * sum(hits.values()) / len(hits)
    if not math.isclose(percent, mean, abs_tol=TOLERANCE):
        raise EvaluationError(
            f"{name}: VLMEvalKit reports {percent} but its rows average to {mean}; expected equal"
        )
    return Scored(percent, hits)


def _table(predictions: Path, suffix: str, name: str) -> pd.DataFrame:
    path = Path(kit.get_intermediate_file_path(str(predictions), suffix))
    if not path.is_file():
        raise EvaluationError(
            f"{name}: VLMEvalKit left no file {path.name}; expected predictions, results and "
            "accuracy; its evaluation failed"
        )
    table: pd.DataFrame = kit.load(str(path))
    return table


def _hits(results: pd.DataFrame, name: str, indices: list[int | str]) -> dict[int | str, float]:
    hits = {i: float(hit) for i, hit in zip(results["index"], results["hit"], strict=True)}
    missing = [i for i in indices if math.isnan(hits.get(i, math.nan))]
    if missing or len(hits) != len(indices):
        raise EvaluationError(
            f"{name}: found {len(hits)} results for {len(indices)} questions; without a result: "
            f"{missing[:5]}"
        )
    return hits


def _overall(accuracy: pd.DataFrame, name: str) -> float:
    values = list(accuracy["Overall"]) if "Overall" in accuracy else []
    if len(values) != 1 or math.isnan(float(values[0])):
        raise EvaluationError(
            f"{name}: found the metric Overall = {values}, expected one number; columns "
            f"{list(accuracy.columns)}; remove a `split` column from the TSV file"
        )
    return float(values[0])
