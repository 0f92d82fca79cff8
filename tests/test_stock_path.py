"""VLMEvalKit's own path, one question at a time, gives the same score to the last digit.

Its inference asks through its model interface, its evaluation runs as it comes: with its pools and
threads and Excel files, and nothing of ours around it.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from frism.config.suites import Judge as JudgeName
from frism.config.tree import Evaluation
from frism.evaluation import kit
from frism.evaluation.answers import Answer
from frism.evaluation.chat import Message
from frism.evaluation.datasets import build
from frism.evaluation.engine import Engine
from frism.evaluation.judges import judge_of
from frism.evaluation.model import KitModel
from frism.evaluation.scoring import score
from tests import kit_formats_perception, kit_formats_reasoning
from tests.kit_formats import Case, Scripted, answers_of, save_rows, scored
from tests.pico_vlm import save_vlm

LIMIT = 12
CASES = [*kit_formats_perception.cases(), *kit_formats_reasoning.cases()]
BY_NAME = {case.name: case for case in CASES}
Reported = Callable[[Any], float]


def cell(column: str, row: str = "", factor: float = 1) -> Reported:
    def read(table: Any) -> float:
        rows = table[table.iloc[:, 0] == row] if row else table
        return factor * float(rows[column].iloc[0])

    return read


HEADLINES: dict[str, Reported] = {
    **dict.fromkeys(("RealWorldQA", "MMBench_DEV_EN", "MMStar"), cell("Overall", factor=100)),
    **dict.fromkeys(("TextVQA_VAL", "ChartQA_TEST", "VizWiz"), cell("Overall")),
    **dict.fromkeys(("MathVista_MINI", "MathVision", "LogicVista"), cell("acc", "Overall")),
    "MMMU_Pro_10c": cell("Overall", factor=100),
    "MMMU_DEV_VAL": cell("Overall", "validation", 100),
    "POPE": cell("Overall", "Overall"),
    "HallusionBench": lambda t: sum(cell(n, "Overall")(t) for n in ("aAcc", "fAcc", "qAcc")) / 3,
    "MME": lambda t: (cell("perception")(t) + cell("reasoning")(t)) / 28,
    "OCRBench": lambda found: 100 * found["Final Score"] / 3,
    "MathVerse_MINI_Text_Lite": cell("Overall", "Text Lite"),
    "DynaMath": cell("Overall", "Average", 100),
}
RUNS = [(name, judge) for name in HEADLINES for judge in ("exact", "openai")]
RUNS = [(name, judge) for name, judge in RUNS if judge in BY_NAME[name].hits]


class Reciter:
    """Stands where an engine stands and says what it is told, question by question."""

    def __init__(self, answers: list[Answer]) -> None:
        self._answers = iter(answers)

    def answer(self, messages: list[Message], keys: list[str]) -> list[Answer]:
        return [next(self._answers) for _ in messages]


def ended(case: Case) -> Case:
    """Returns a case in which the model ends each answer; one version for MathVerse's splits."""
    said = [each if isinstance(each, str) else each[0] for each in case.said]
    rows = case.rows
    if "problem_version" in rows:
        rows = rows.assign(problem_version="Text Lite")
    return replace(case, said=said, rows=rows)


@contextlib.contextmanager
def stock_settings(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LMUData", str(data))
    for variable in ("PRED_FORMAT", "EVAL_FORMAT"):
        monkeypatch.delenv(variable, raising=False)
    with (
        contextlib.redirect_stderr(io.StringIO()),
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def stock(name: str, engine: Any, work: Path, judge: Scripted | None, patch: Any) -> Any:
    """Returns what VLMEvalKit reports."""
    dataset = build(name)
    if judge:
        patch.setattr(sys.modules[type(dataset).__module__], "build_judge", lambda **_: judge)
    # its file in /tmp, named by the second, goes where the test can leave it
    patch.setattr("vlmeval.dataset.utils.multiple_choice.timestr", lambda: f"..{work}/circle")
    kit.infer_data_job(KitModel(engine), str(work), "stock", dataset)
    predictions = kit.get_pred_file_path(str(work), "stock", name)
    called = "gpt-4o" if judge else kit.EXACT_MATCHING
    return dataset.evaluate(predictions, model=called, nproc=4)


@pytest.mark.parametrize(("name", "judge"), RUNS, ids=["-".join(run) for run in RUNS])
def test_the_stock_path_gives_the_same_score(
    name: str, judge: JudgeName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ended(BY_NAME[name])
    ours = scored(case, tmp_path / "ours", judge)
    save_rows(case.rows, tmp_path / "data", name)
    (tmp_path / "work").mkdir()
    endpoint = Scripted(case.replies) if judge == "openai" else None
    engine = Reciter(list(answers_of(list(case.rows["index"]), case.said).values()))
    with stock_settings(tmp_path / "data", monkeypatch):
        reported = stock(name, engine, tmp_path / "work", endpoint, monkeypatch)
    assert (tmp_path / "work" / f"stock_{name}.xlsx").is_file()
    assert ours.score == HEADLINES[name](reported)


@pytest.mark.parametrize("name", ["TextVQA_VAL", "MMBench_DEV_EN"])
def test_a_model_asked_one_by_one_scores_as_in_batches(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = save_vlm(tmp_path / "vlm")
    rows = BY_NAME[name].rows
    save_rows(rows, tmp_path / "draft", name)
    if name == "TextVQA_VAL":  # some truths are what the model says
        with kit.settings(tmp_path / "draft"):
            said = [answer.final for answer in asked(model, build(name)).values()]
        truths = [[text or "x"] * 10 if k % 2 else ["x"] * 10 for k, text in enumerate(said)]
        rows = rows.assign(answer=[str(truth) for truth in truths])
    save_rows(rows, tmp_path / "data", name)
    (tmp_path / "work").mkdir()
    (tmp_path / "stock").mkdir()
    with stock_settings(tmp_path / "data", monkeypatch):
        engine = Engine(model, Evaluation(batch_size=1, max_new_tokens=LIMIT))
        reported = stock(name, engine, tmp_path / "stock", None, monkeypatch)
    with kit.settings(tmp_path / "data"):
        dataset = build(name)
        ours = score(dataset, asked(model, dataset), tmp_path / "work", judge_of("exact"))
    assert ours.score == HEADLINES[name](reported)
    assert (ours.score > 0) == (name == "TextVQA_VAL")


def asked(model: Path, dataset: Any) -> dict[int | str, Answer]:
    messages = [dataset.build_prompt(row) for _, row in dataset.data.iterrows()]
    engine = Engine(model, Evaluation(batch_size=4, max_new_tokens=LIMIT))
    return dict(
        zip(cast(list[int], list(dataset.data["index"])), engine.answer(messages), strict=True)
    )
