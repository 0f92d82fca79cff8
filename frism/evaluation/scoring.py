"""Scores from VLMEvalKit: predictions handed over, its result files read back and checked."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from frism.errors import EvaluationError, FrismError
from frism.evaluation import kit
from frism.evaluation.answers import NO_ANSWER, Answer
from frism.evaluation.bare import Rewriter, Row
from frism.evaluation.containment import contained
from frism.evaluation.datasets import read_strings
from frism.evaluation.forms import Form, form_of
from frism.evaluation.judges import Judge
from frism.evaluation.model import structured
from frism.evaluation.result_files import Index, Reading, ResultFiles
from frism.evaluation.stand_in import StandIn

MODEL_NAME = "frism"
# what VLMEvalKit writes beside a question when the judge's replies were of no use to it
USELESS = ("retries failed", "Failed to predict")


@dataclass(frozen=True)
class Scored(Reading):
    """What VLMEvalKit made of the answers.

    Attributes:
        failed: questions about which the judge gave no reply that VLMEvalKit could use; they count
            as wrong.
    """

    failed: tuple[Index, ...] = ()


def score(dataset: Any, answers: dict[Index, Answer], work: Path, judge: Judge) -> Scored:
    """Scores `answers`, one per question of `dataset`, with VLMEvalKit.

    Args:
        dataset: a dataset of VLMEvalKit; it loses its images, as VLMEvalKit drops them.
        answers: index of a question -> answer.
        work: a fresh directory, since VLMEvalKit takes over what it finds in one.
        judge: who says what an answer is.

    Raises:
        EvaluationError: The directory is in use, the judge cannot judge this benchmark, or a metric
            or a row is missing or wrong.
    """
    name = dataset.dataset_name
    previous = work / f"{MODEL_NAME}_{name}_PREV.pkl"
    if previous.is_file() or list(work.glob(f"{MODEL_NAME}_{name}.*")):
        raise EvaluationError(f"{work} holds results of {name}; expected a fresh directory")
    kit.dump({index: structured(answer) for index, answer in answers.items()}, str(previous))
    return evaluate(dataset, None, work, judge)


def evaluate(dataset: Any, model: Any, work: Path, judge: Judge) -> Scored:
    """Runs VLMEvalKit's own inference and evaluation; `model` answers what is not done yet.

    Between the two, predictions take the form that the evaluation needs under this judge.

    Raises:
        EvaluationError: As for `score`, or VLMEvalKit ends on an error of its own.
    """
    form, name = form_of(dataset), dataset.dataset_name
    if form.needs_judge and judge.name == "exact":
        raise EvaluationError(f"{name} needs a judge; expected rule or openai, found exact")
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kit.infer_data_job(model, str(work), MODEL_NAME, dataset)
    predictions = Path(kit.get_pred_file_path(str(work), MODEL_NAME, name))
    asks = form.queries is not None and (form.needs_judge or judge.name == "openai")
    called = judge.name if asks else kit.EXACT_MATCHING
    make = partial(form.queries or (lambda *_: ()), predictions, name, called)
    stand_in = StandIn(name, judge, form.none, make)
    with _told(name), contained(dataset, stand_in.build, work, judge.threads):
        _prepare(predictions, name, form, judge)
        dataset.evaluate(str(predictions), model=called, nproc=1)
        reading = form.read(ResultFiles(predictions, name, called), dataset.data)
    failed = stand_in.failed | (_useless(predictions, called) if asks else set())
    return Scored(**vars(reading), failed=tuple(i for i in reading.hits if i in failed))


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Names the benchmark whose evaluation ends on whatever VLMEvalKit raises."""
    try:
        yield
    except FrismError:
        raise
    except Exception as error:
        raise EvaluationError(
            f"{name}: VLMEvalKit's evaluation ended on {type(error).__name__}: {error}; expected a "
            f"score: look whether {name}.tsv has the columns and cells of VLMEvalKit's own file"
        ) from error


def _prepare(predictions: Path, name: str, form: Form, judge: Judge) -> None:
    if not predictions.is_file():
        raise EvaluationError(f"{name}: VLMEvalKit left no file {predictions.name}")
    table = read_strings(predictions)
    failed = [text for text in table["prediction"] if kit.FAIL_MSG in text]
    if failed:
        raise EvaluationError(f"{name}: {len(failed)} failed predictions, such as {failed[0]!r}")
    rewrite = form.rewrite if judge.name == "rule" else None
    if rewrite is None and form.none == NO_ANSWER:
        return  # not a byte of VLMEvalKit's own path is changed
    # texts such as "None" are no text to pandas, and WeMath's evaluation ends on them
    lost = kit.load(str(predictions))["prediction"].isna() & (form.none != NO_ANSWER)
    table.loc[lost, "prediction"] = NO_ANSWER
    rows = cast(list[Row], table.to_dict("records"))
    table["prediction"] = [_taken(row, form, rewrite) for row in rows]
    kit.dump(table, str(predictions))


def _taken(row: Row, form: Form, rewrite: Rewriter | None) -> str:
    said = row["prediction"]
    if said == NO_ANSWER:
        return form.none
    return (rewrite(row, said) or form.none) if rewrite else said


def _useless(predictions: Path, called: str) -> set[Index]:
    """Returns the questions that VLMEvalKit gave up."""
    found: set[Index] = set()
    for path in predictions.parent.glob(f"{predictions.stem}_{called}*.tsv"):
        table = kit.load(str(path))
        for column in [c for c in table if str(c).startswith("log")]:
            lost = table[column].astype(str).str.contains("|".join(USELESS))
            found |= set(table.loc[lost, "index"])
    return found
