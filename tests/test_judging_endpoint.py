"""A judge behind an endpoint: answers, tries again, and stops with a reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from frism.errors import JudgeError
from frism.judging.endpoint import FAILED, GREETING, EndpointJudge
from tests.openai_server import (
    KEY,
    KEY_VARIABLE,
    Fault,
    OpenAIServer,
    completion,
    dripping,
    dropped,
    failures,
    malformed,
    refusal,
    silent,
    slow,
)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def judge_at(server: OpenAIServer, cache: Path, **settings: Any) -> EndpointJudge:
    return EndpointJudge(server.settings(**settings), cache)


def test_it_works_and_answers(endpoint: OpenAIServer, cache: Path) -> None:
    judge = judge_at(endpoint, cache)
    assert judge.working() is True
    assert judge.generate("Is it B?") == "echo: Is it B?"
    assert endpoint.texts() == [GREETING, "Is it B?"]
    asked = endpoint.asked[1]
    assert (asked.path, asked.authorization) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert asked.body == {
        "model": "judge-model",
        "messages": [{"role": "user", "content": "Is it B?"}],
        "max_tokens": 1024,
        "temperature": 0.0,
    }
    assert failures(judge) == {}


def test_options_of_a_benchmark_override_settings(endpoint: OpenAIServer, cache: Path) -> None:
    judge = judge_at(endpoint, cache)
    judge.generate("q", temperature=1, max_tokens=3, top_p=0.5, dataset="MathVista_MINI")
    sent = {k: v for k, v in endpoint.asked[0].body.items() if k not in ("model", "messages")}
    assert sent == {"max_tokens": 3, "temperature": 1.0, "top_p": 0.5}


def test_reasoning_models_are_sent_no_temperature(endpoint: OpenAIServer, cache: Path) -> None:
    judge = judge_at(endpoint, cache, reasoning_model=True)
    judge.generate("q", temperature=0.5, max_tokens=7)
    body = endpoint.asked[0].body
    assert body["max_completion_tokens"] == 7
    assert not body.keys() & {"temperature", "max_tokens"}


def test_an_address_may_end_with_the_path(endpoint: OpenAIServer, cache: Path) -> None:
    judge = judge_at(endpoint, cache, endpoint=f"{endpoint.url}/chat/completions/")
    assert judge.generate("q") == "echo: q"


PASSING: dict[str, list[Fault]] = {
    "429": [refusal(429), refusal(429, {"Retry-After": "0"})],
    "500": [refusal(500), refusal(503, {"Retry-After": "soon"})],
    "time-out": [silent],
    "dripping": [dripping],
    "dropped": [dropped, dropped],
    "no JSON": [malformed(b"<html>"), malformed(b""), malformed(b"[" * 100_000)],
    "cut": [malformed(b'{"choices": [')],
    "no choices": [malformed(b'{"choices": []}'), malformed(b"[]"), malformed(b'"text"')],
    "empty": [completion(""), completion(None), completion(" \n")],
    "error in an answer": [malformed(b'{"error": {"message": "overloaded"}}')],
}


@pytest.mark.parametrize("faults", PASSING.values(), ids=PASSING)
def test_passing_faults_are_tried_again(
    endpoint: OpenAIServer, cache: Path, faults: list[Fault]
) -> None:
    endpoint.faults = list(faults)
    limit = 0.4 if faults[0] in (silent, dripping) else 20.0
    judge = judge_at(endpoint, cache, timeout=limit)
    assert judge.generate("q") == "echo: q"
    assert endpoint.texts() == ["q"] * (len(faults) + 1)
    assert failures(judge) == {}


LASTING = {
    "429": (refusal(429, said="slow down"), "HTTP 429: slow down"),
    "500": (refusal(502, said="bad\n gateway"), "HTTP 502: bad gateway"),
    "time-out": (silent, "no answer within timeout, 0.1 s"),
    "dropped": (dropped, "the connection failed (RemoteProtocolError)"),
    "no JSON": (malformed(b"<html>"), "the answer is no JSON: <html>"),
    "no choices": (malformed(b"{}"), "the answer has no choices[0].message.content: {}"),
    "empty": (completion(""), "the answer is empty"),
}


@pytest.mark.parametrize(("fault", "reason"), LASTING.values(), ids=LASTING)
def test_lasting_faults_mark_the_row(
    endpoint: OpenAIServer, cache: Path, fault: Fault, reason: str
) -> None:
    endpoint.always = fault
    limit = 0.1 if fault is silent else 20.0
    judge = judge_at(endpoint, cache, timeout=limit, retries=1)
    assert judge.generate("q") == FAILED
    # as VLMEvalKit goes on after a failure
    assert [judge.generate("q", temperature=i * 0.5) for i in range(5)] == [FAILED] * 5
    assert len(endpoint.asked) == 2
    assert failures(judge) == {judge.question("q"): f"{reason} (at the last of 2 tries)"}


def test_a_refused_question_is_sent_once(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.faults = [refusal(400, said="too long")]
    judge = judge_at(endpoint, cache)
    assert [judge.generate(each) for each in ("long", "short")] == [FAILED, "echo: short"]
    assert endpoint.texts() == ["long", "short"]  # no wait makes a question shorter
    assert failures(judge) == {judge.question("long"): "HTTP 400: too long"}


@pytest.mark.parametrize("status", [401, 402, 403, 404, 307])
def test_what_would_meet_every_question_stops_at_once(
    endpoint: OpenAIServer, cache: Path, status: int
) -> None:
    endpoint.always = refusal(status)
    judge = judge_at(endpoint, cache)
    with ThreadPoolExecutor(1) as pool:
        futures = [pool.submit(judge.generate, str(index)) for index in range(5)]
    found = f"was given up: HTTP {status}.*; expected answers: check the key in {KEY_VARIABLE}"
    for future in futures:
        with pytest.raises(JudgeError, match=found):
            future.result()
    assert endpoint.texts() == ["0"]
    with pytest.raises(JudgeError, match=f"HTTP {status}"):
        judge_at(endpoint, cache).working()


def test_a_quota_that_is_used_up_is_not_waited_for(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.always = refusal(429, said="insufficient_quota")
    with pytest.raises(JudgeError, match="HTTP 429: insufficient_quota"):
        judge_at(endpoint, cache).generate("q")
    assert len(endpoint.asked) == 1


def test_it_never_says_that_it_does_not_work(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.always = refusal(500, said="down")
    judge = judge_at(endpoint, cache)
    with pytest.raises(JudgeError, match=r"does not answer: HTTP 500: down .*choose `judge: rule`"):
        judge.working()
    assert len(endpoint.asked) == 4


def test_retry_after_holds_for_all_threads(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.faults = [refusal(429, {"Retry-After": "0.3"})]
    judge = judge_at(endpoint, cache, concurrency=1)
    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(judge.generate, "abc")) == ["echo: a", "echo: b", "echo: c"]
    first, *others = endpoint.asked
    assert min(one.at for one in others) - first.at >= 0.29


def test_a_longer_wait_than_allowed_is_not_cut_short(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.always = refusal(429, {"Retry-After": "3600"})
    with pytest.raises(JudgeError, match=r"asks to wait 3600 s, longest_wait is 0\.5; expected"):
        judge_at(endpoint, cache).generate("q")
    assert len(endpoint.asked) == 1


def test_an_endpoint_that_is_gone_is_given_up(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.always = refusal(500)
    judge = judge_at(endpoint, cache, retries=0)
    assert [judge.generate(f"{index}") for index in range(9)] == [FAILED] * 9
    with pytest.raises(JudgeError, match="10 questions in a row had no answer"):
        judge.generate("9")
    with pytest.raises(JudgeError, match="10 questions in a row"):
        judge.generate("10")
    assert len(endpoint.asked) == 10


def test_no_more_are_asked_at_a_time_than_allowed(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.always = slow
    judge = judge_at(endpoint, cache, concurrency=2)
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(judge.generate, "abcdef")) == {"late"}
    assert endpoint.most_at_once == 2


def test_the_text_of_failures_is_that_of_vlmevalkit() -> None:
    found = find_spec("vlmeval")
    assert found is not None
    assert found.origin is not None
    for name in ("mathvista", "mathv", "mathverse", "logicvista"):
        source = Path(found.origin).parent / "dataset" / "utils" / f"{name}.py"
        assert f"FAIL_MSG = '{FAILED}'" in source.read_text()
