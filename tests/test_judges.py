"""Judges inside VLMEvalKit's evaluations: no fallback, no luck, no side effects."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from frism.config.suites import Judge as JudgeName
from frism.errors import EvaluationError
from frism.evaluation import kit
from frism.evaluation.containment import contained
from frism.evaluation.datasets import build
from frism.evaluation.forms import form_of
from frism.evaluation.judges import judge_of
from frism.evaluation.scoring import score
from frism.evaluation.stand_in import StandIn
from tests import kit_formats_perception, kit_formats_reasoning
from tests.kit_formats import CUT, Case, Scripted, answers_of, save_rows, scored

CASES = [*kit_formats_perception.cases(), *kit_formats_reasoning.cases()]
BY_NAME = {case.name: case for case in CASES}
ASKED = [case for case in CASES if "openai" in case.hits and case.name != "TextVQA_VAL"]
RUNS = [(case.name, judge) for case in CASES for judge in case.hits]
NEED_A_JUDGE = ("MathVista_MINI", "MathVision", "MathVerse_MINI", "LogicVista", "DynaMath")


def truths(case: Case) -> list[str]:
    """What would be right if the model had ended its answer."""
    rows = case.rows
    column = "answer_option" if "answer_option" in rows else "answer"
    found = rows[column if column in rows else "answers"].where(
        lambda c: c.notna(), rows.get("answer")
    )
    return [str(text).strip("[]'") for text in found]


def cut(case: Case) -> Case:
    return replace(case, said=[(text, CUT) for text in truths(case)])


@pytest.mark.parametrize(("name", "judge"), RUNS, ids=["-".join(run) for run in RUNS])
def test_cut_answers_are_wrong_and_not_put_to_a_model(
    name: str, judge: JudgeName, tmp_path: Path
) -> None:
    case = BY_NAME[name]
    guesses = iter(truths(case) * 10)
    endpoint = Scripted(lambda prompt: next(guesses)) if judge == "openai" else None
    found = scored(cut(case), tmp_path, judge, endpoint)
    assert set(found.hits.values()) == {0}
    assert found.score == 0
    assert endpoint is None or endpoint.prompts == []


@pytest.mark.parametrize("name", NEED_A_JUDGE)
def test_exact_is_refused_where_a_judge_is_needed(name: str, tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=f"{name} needs a judge; expected rule or openai"):
        scored(BY_NAME[name], tmp_path, "exact")


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.name)
def test_an_endpoint_that_does_not_work_stops_everything(case: Case, tmp_path: Path) -> None:
    class Broken(Scripted):
        def working(self) -> bool:
            return False

    with pytest.raises(EvaluationError, match="endpoint does not work; nothing was judged"):
        scored(case, tmp_path, "openai", Broken(case.replies))


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("RealWorldQA", [1]),
        ("MMBench_DEV_EN", [3, 1_000_003]),
        ("MathVista_MINI", [0, 1, 2, 3, 5, 6]),
        ("MathVerse_MINI", [0, 1, 3, 4]),
        ("LogicVista", [0, 1, 2, 4]),
        ("DynaMath", [0, 10, 11]),
    ],
)
def test_questions_whose_judge_failed_are_named(
    name: str, failed: list[int], tmp_path: Path
) -> None:
    case = BY_NAME[name]
    found = scored(case, tmp_path, "openai", Scripted(lambda prompt: kit.FAIL_MSG))
    asked = [i for i in failed if found.hits[i] == 0]
    assert set(found.failed) >= set(asked)
    assert set(found.failed) <= set(failed)
    assert asked


def test_useless_replies_choose_no_random_option(tmp_path: Path) -> None:
    scores = set()
    for run in range(3):
        endpoint = Scripted(lambda prompt: "I would rather not say")
        found = scored(BY_NAME["RealWorldQA"], tmp_path / str(run), "openai", endpoint)
        scores.add(found.score)
        assert found.failed == (1,)
        assert len(endpoint.prompts) == 3
    assert scores == {25.0}


def test_as_many_questions_at_a_time_as_asked_for(tmp_path: Path) -> None:
    case, both = BY_NAME["LogicVista"], Barrier(2, timeout=20)

    def reply(prompt: str) -> str:
        both.wait()  # for another thread
        return case.replies(prompt)

    save_rows(case.rows, tmp_path, case.name)
    (tmp_path / "work").mkdir()
    with kit.settings(tmp_path):
        dataset = build(case.name)
        given = answers_of(list(dataset.data["index"]), case.said)
        judge = judge_of("openai", Scripted(reply), threads=2)
        found = score(dataset, given, tmp_path / "work", judge)
    assert list(found.hits.values()) == list(case.hits["openai"])


def test_a_prompt_about_no_question_is_an_error() -> None:
    stand_in = StandIn("LogicVista", judge_of("rule"), "none", lambda: []).build()
    with pytest.raises(EvaluationError, match="asks the judge about no known question: 'What"):
        stand_in.generate("What?")


def test_vlmevalkits_own_fallback_is_an_error(tmp_path: Path) -> None:
    case = BY_NAME["RealWorldQA"]
    save_rows(case.rows, tmp_path, case.name)
    with kit.settings(tmp_path):
        dataset = build(case.name)
        kit.dump(dataset.data.assign(prediction="A"), str(tmp_path / "said.tsv"))
        broken = SimpleNamespace(working=lambda: False)
        with (
            pytest.raises(UserWarning, match="will use exact matching"),
            contained(dataset, lambda **_: broken, tmp_path),
        ):
            dataset.evaluate(str(tmp_path / "said.tsv"), model="gpt-4o", nproc=1)


@pytest.mark.parametrize("name", ["MMBench_DEV_EN", "TextVQA_VAL", "MathVision", "VizWiz"])
def test_the_process_stays_as_it_was(name: str, tmp_path: Path) -> None:
    def state() -> tuple[Any, ...]:
        numbers = np.random.get_state()[1].tolist()  # type: ignore[index]
        rest = (Path.cwd(), dict(os.environ), hasattr(pd.DataFrame, "_append"))
        # other processes write there, too; VLMEvalKit names what it leaves by the time
        return random.getstate(), numbers, *rest, sorted(Path("/tmp").glob("20[0-9]*"))

    (tmp_path / "inner").mkdir()
    before = state()
    scored(BY_NAME[name], tmp_path / "inner", "rule")
    assert state() == before


def test_a_class_of_unknown_form_is_refused() -> None:
    class Other:
        dataset_name = "Other"

    with pytest.raises(EvaluationError, match="class Other, whose result files are not known"):
        form_of(Other())


def test_a_judge_and_its_endpoint_go_together() -> None:
    endpoint = Scripted(lambda prompt: "A")
    with pytest.raises(EvaluationError, match="judge openai has no endpoint"):
        judge_of("openai")
    with pytest.raises(EvaluationError, match="judge rule has an endpoint"):
        judge_of("rule", endpoint)
    with pytest.raises(EvaluationError, match="found judge 'gpt', expected one of rule, exact"):
        judge_of("gpt")
