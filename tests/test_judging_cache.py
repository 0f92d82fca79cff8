"""No question is asked twice, whatever died, and however many ask."""

from __future__ import annotations

import base64
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from frism.errors import JudgeError
from frism.judging.cache import AnswerCache
from frism.judging.endpoint import FAILED, EndpointJudge
from frism.judging.messages import Prompt, chat_messages
from tests.openai_server import OpenAIServer, failures, refusal, silent, slow


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def test_another_run_asks_nothing_twice(endpoint: OpenAIServer, cache: Path) -> None:
    for _ in range(2):
        judge = EndpointJudge(endpoint.settings(), cache)
        assert judge.working()
        assert [judge.generate(text) for text in "aba"] == ["echo: a", "echo: b", "echo: a"]
    assert len(endpoint.asked) == 3


def test_what_changes_the_answer_is_another_question(endpoint: OpenAIServer, cache: Path) -> None:
    changes: list[dict[str, Any]] = [{}, {"model": "b"}, {"max_tokens": 5}, {"temperature": 0.5}]
    for _ in range(2):
        for change in changes:
            EndpointJudge(endpoint.settings(**change), cache).generate("q")
    EndpointJudge(endpoint.settings(), cache).generate("q", temperature=0.5)
    EndpointJudge(endpoint.settings(), cache).generate("q", temperature=0)
    assert len(endpoint.asked) == len(changes)


def test_the_place_of_the_model_changes_no_answer(endpoint: OpenAIServer, cache: Path) -> None:
    EndpointJudge(endpoint.settings(), cache).generate("q")
    with OpenAIServer() as other:
        judge = EndpointJudge(other.settings(timeout=1.0, retries=0, api_key_env=""), cache)
        assert judge.generate("q") == "echo: q"
        assert other.asked == []


def test_threads_with_one_question_ask_once(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.faults = [slow]
    judge = EndpointJudge(endpoint.settings(), cache)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(judge.generate, ["q"] * 4)) == ["late"] * 4
    assert len(endpoint.asked) == 1


def test_another_run_asks_failures_again(endpoint: OpenAIServer, cache: Path) -> None:
    endpoint.faults = [refusal(400)]
    first, second = (EndpointJudge(endpoint.settings(), cache) for _ in range(2))
    assert first.generate("q") == FAILED
    assert failures(second) == {}
    assert second.generate("q") == "echo: q"


KILLED = """
import sys
from pathlib import Path
from frism.config.judge import JudgeEndpoint
from frism.judging.endpoint import EndpointJudge
settings = JudgeEndpoint.model_validate_json(sys.argv[1])
judge = EndpointJudge(settings, Path(sys.argv[2]))
for index in range(8):
    judge.generate(f"question {index}")
"""


def test_a_killed_process_asks_nothing_twice(endpoint: OpenAIServer, cache: Path) -> None:
    count = 5

    def stall(handler: Any) -> None:
        if len(endpoint.asked) > count:
            silent(handler)
        else:
            handler.reply(200, b'{"choices": [{"message": {"content": "kept"}}]}', {})

    endpoint.always = stall
    settings = endpoint.settings()
    command = [sys.executable, "-c", KILLED, settings.model_dump_json(), str(cache)]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 60
        while len(endpoint.asked) <= count and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    # what a death in the middle of a line leaves
    with cache.open("ab") as file:
        file.write(b'{"record": {"question": "')
    endpoint.always = None
    judge = EndpointJudge(settings, cache)
    answers = [judge.generate(f"question {index}") for index in range(8)]
    assert answers == ["kept"] * count + [f"echo: question {index}" for index in (5, 6, 7)]
    asked = endpoint.texts()
    assert [asked.count(f"question {index}") for index in range(8)] == [1] * 5 + [2, 1, 1]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pools_of_processes_share_answers_and_failures(
    endpoint: OpenAIServer, cache: Path, method: str
) -> None:
    judge = EndpointJudge(endpoint.settings(), cache)
    # connections of the parent are open when it forks
    assert judge.generate("before") == "echo: before"
    endpoint.faults = [refusal(400, said="no")]
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert pool.submit(judge.generate, "bad").result() == FAILED
        answers = list(pool.map(judge.generate, ["before", "a", "b", "c"]))
        endpoint.always = refusal(401)
        with pytest.raises(JudgeError, match="HTTP 401"):
            pool.submit(judge.generate, "late").result()
    endpoint.always = None
    assert answers == ["echo: before", "echo: a", "echo: b", "echo: c"]
    assert failures(judge) == {judge.question("bad"): "HTTP 400: no"}
    assert judge.generate("a") == "echo: a"
    assert endpoint.texts().count("before") == endpoint.texts().count("a") == 1


def test_a_pickled_judge_asks_the_same(endpoint: OpenAIServer, cache: Path) -> None:
    judge = EndpointJudge(endpoint.settings(), cache)
    judge.generate("q")
    copy = pickle.loads(pickle.dumps(judge))
    assert copy.generate("q") == "echo: q"
    assert len(endpoint.asked) == 1


def test_records_of_others_are_no_answers(cache: Path) -> None:
    AnswerCache(cache, "run").add_failure("prompt", "reason")
    AnswerCache(cache, "run").add_answer("prompt", "answer")
    assert AnswerCache(cache, "other").failures() == {}
    found = AnswerCache(cache, "run")
    assert (found.failures(), found.answer("prompt")) == ({"prompt": "reason"}, "answer")
    assert found.answer("question") is None


IMAGE = b"\x89PNG\r\n"
DATA = f"data:image/png;base64,{base64.b64encode(IMAGE).decode()}"
USER = {"role": "user"}
PROMPTS: list[tuple[Prompt, list[dict[str, Any]]]] = [
    ("a", [USER | {"content": "a"}]),
    ({"type": "text", "value": "a"}, [USER | {"content": "a"}]),
    (["a", {"type": "text", "value": "b"}], [USER | {"content": "a\nb"}]),
    (
        [{"type": "text", "value": "a"}, {"type": "text", "value": "s", "role": "system"}],
        [{"role": "system", "content": "s"}, USER | {"content": "a"}],
    ),
    (
        [{"type": "image", "value": "image.png"}, "a"],
        [
            USER
            | {
                "content": [
                    {"type": "image_url", "image_url": {"url": DATA}},
                    {"type": "text", "text": "a"},
                ]
            }
        ],
    ),
]


@pytest.mark.parametrize(("prompt", "messages"), PROMPTS)
def test_prompts_become_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompt: Prompt, messages: list[Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "image.png").write_bytes(IMAGE)
    assert chat_messages(prompt) == messages


def test_other_prompts_are_refused() -> None:
    with pytest.raises(JudgeError, match="holds video; expected a text"):
        chat_messages([{"type": "video", "value": "a.mp4"}])
    with pytest.raises(JudgeError, match=r"none\.png: an image for the judge cannot be read"):
        chat_messages({"type": "image", "value": "none.png"})
