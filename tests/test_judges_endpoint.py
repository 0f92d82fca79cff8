"""VLMEvalKit's evaluations with a judge behind an OpenAI-compatible endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.errors import JudgeError
from frism.evaluation import kit
from frism.evaluation.datasets import build
from frism.evaluation.judges import judge_of
from frism.evaluation.scoring import Scored, score
from frism.judging.endpoint import FAILED, GREETING, EndpointJudge
from tests import kit_formats_perception as perception
from tests import kit_formats_reasoning as reasoning
from tests.kit_formats import Case, answers_of, save_rows
from tests.openai_server import ChatHandler, Fault, OpenAIServer, completion, failures, refusal

CASES = [
    *(perception.pope(), perception.mmbench(), reasoning.mathvista(), reasoning.mathverse()),
    *(reasoning.logicvista(), reasoning.dynamath(), reasoning.mmmu_pro()),
]


def replying(case: Case) -> Fault:
    def answer(handler: ChatHandler) -> None:
        completion(case.replies(handler.server.asked[-1].text))(handler)

    return answer


def scored(case: Case, root: Path, judge: EndpointJudge) -> Scored:
    save_rows(case.rows, root, case.name)
    (root / "work").mkdir()
    with kit.settings(root):
        dataset = build(case.name)
        given = answers_of(list(dataset.data["index"]), case.said)
        return score(dataset, given, root / "work", judge_of("openai", judge))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_scores_through_the_endpoint_and_from_kept_answers(
    case: Case, endpoint: OpenAIServer, tmp_path: Path
) -> None:
    endpoint.always = replying(case)
    judge = EndpointJudge(endpoint.settings(), tmp_path / "answers")
    found = scored(case, tmp_path / "1", judge)
    assert found.score == pytest.approx(case.scores["openai"])
    assert list(found.hits.values()) == list(case.hits["openai"])
    assert len(endpoint.texts()) > 1
    again = EndpointJudge(endpoint.settings(), tmp_path / "answers")
    questions = [text for text in endpoint.texts() if text != GREETING]
    assert scored(case, tmp_path / "2", again) == found
    assert [text for text in endpoint.texts() if text != GREETING] == questions


def test_the_system_prompt_of_a_benchmark_is_sent(endpoint: OpenAIServer, tmp_path: Path) -> None:
    case = reasoning.dynamath()
    endpoint.always = replying(case)
    scored(case, tmp_path / "1", EndpointJudge(endpoint.settings(), tmp_path / "answers"))
    system, _ = endpoint.asked[-1].body["messages"]
    assert system["role"] == "system"
    assert "format free-form answers" in system["content"]


def test_a_question_that_gets_no_answer_is_named(endpoint: OpenAIServer, tmp_path: Path) -> None:
    assert FAILED == kit.FAIL_MSG
    case = reasoning.mmmu_pro()
    endpoint.faults = [completion("hello"), refusal(500)]
    judge = EndpointJudge(endpoint.settings(retries=0), tmp_path / "answers")
    found = scored(case, tmp_path / "1", judge)
    assert (found.failed, found.score) == ((1,), 50)
    assert len(failures(judge)) == 1
    assert len(endpoint.asked) == 2


def test_an_endpoint_that_refuses_the_key_ends_the_evaluation(
    endpoint: OpenAIServer, tmp_path: Path
) -> None:
    endpoint.always = refusal(401)
    judge = EndpointJudge(endpoint.settings(), tmp_path / "answers")
    with pytest.raises(JudgeError):
        scored(reasoning.mmmu_pro(), tmp_path / "1", judge)
