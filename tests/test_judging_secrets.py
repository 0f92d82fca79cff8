"""The key goes to the endpoint and nowhere else."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from frism.config.judge import JudgeEndpoint, mistakes
from frism.errors import JudgeError
from frism.judging.endpoint import EndpointJudge
from frism.judging.key import without_key
from tests.openai_server import KEY, KEY_VARIABLE, Fault, OpenAIServer, completion, refusal

SECRET = KEY.removeprefix("sk-test-")


def everything(judge: EndpointJudge, folder: Path, caught: list[BaseException]) -> str:
    """Returns all that a judge shows, writes and pickles, and the tracebacks of its errors."""
    files = [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    errors = [text for error in caught for text in traceback.format_exception(error)]
    objects = [str(pickle.dumps(each)) for each in (judge, *caught)]
    return "\n".join([*files, *errors, *objects, repr(judge), repr(vars(judge))])


def caught(act: Callable[[], object]) -> list[BaseException]:
    try:
        act()
    except JudgeError as error:
        return [error]
    return []


ECHOES: dict[str, Fault] = {
    "answer": completion("you sent $KEY".replace("$KEY", KEY)),
    "refusal": refusal(401, said="wrong key: $KEY"),
    "cut in the middle": refusal(401, said="x" * 180 + "$KEY"),
    "failure": refusal(400, said="$KEY"),
    "passing": refusal(500, said="$KEY"),
    "no JSON": lambda handler: handler.reply(200, f"<b>{KEY}</b>".encode(), {}),
    "no choices": lambda handler: handler.reply(200, f'{{"detail": "{KEY}"}}'.encode(), {}),
    "escaped": lambda handler: handler.reply(
        403, f'{{"error": "{KEY}"}}'.replace("/", "\\/").encode(), {}
    ),
}


@pytest.mark.parametrize("fault", ECHOES.values(), ids=ECHOES)
def test_an_echo_of_the_key_is_kept_nowhere(
    endpoint: OpenAIServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    fault: Fault,
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.always = fault
    judge = EndpointJudge(endpoint.settings(retries=1), tmp_path / "answers.jsonl")
    errors = caught(lambda: judge.generate("q"))
    errors += caught(judge.working)
    shown = everything(judge, tmp_path, errors) + caplog.text + "".join(capfd.readouterr())
    assert endpoint.asked[0].authorization == f"Bearer {KEY}"
    assert "judge-model" in shown
    assert SECRET not in shown
    assert SECRET.replace("/", "\\/") not in shown
    assert SECRET[:6] not in shown


def test_redirections_are_followed_nowhere(endpoint: OpenAIServer, tmp_path: Path) -> None:
    with OpenAIServer() as other:
        for host in ("127.0.0.1", "localhost"):
            place = f"http://{host}:{other.server_port}/v1/chat/completions"
            endpoint.always = refusal(307, {"Location": place})
            judge = EndpointJudge(endpoint.settings(), tmp_path / "answers.jsonl")
            with pytest.raises(JudgeError, match="HTTP 307, a redirection, which is not followed"):
                judge.working()
        assert other.asked == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "is not set; expected the key"),
        (" \n", "is not set; expected the key"),
        ("sk-7Q/x\u201csecret", "holds characters that no key has"),
        ("sk-7Q/x\nsecret", "holds characters that no key has"),
        ("Bearer sk-7Q/x", "holds characters that no key has"),
    ],
)
def test_a_key_that_cannot_be_sent_is_not_shown(
    endpoint: OpenAIServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    value: str | None,
    message: str,
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    if value is not None:
        monkeypatch.setenv(KEY_VARIABLE, value)
    judge = EndpointJudge(endpoint.settings(), tmp_path / "answers.jsonl")
    errors = caught(judge.working)
    assert f"the environment variable {KEY_VARIABLE} {message}" in str(errors[0])
    assert "7Q" not in everything(judge, tmp_path, errors)
    assert endpoint.asked == []


def test_a_proxy_that_cannot_be_used_is_not_shown(
    endpoint: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", "socks9://user:7Q@host")
    judge = EndpointJudge(endpoint.settings(), tmp_path / "answers.jsonl")
    errors = caught(judge.working)
    assert "cannot start (ValueError); expected the address of an http proxy" in str(errors[0])
    assert "7Q" not in "".join(traceback.format_exception(errors[0]))


def test_no_variable_sends_no_key(endpoint: OpenAIServer, tmp_path: Path) -> None:
    judge = EndpointJudge(endpoint.settings(api_key_env=""), tmp_path / "answers.jsonl")
    assert judge.generate("q") == "echo: q"
    assert endpoint.asked[0].authorization is None
    endpoint.always = refusal(401)
    with pytest.raises(JudgeError, match=r"check api_key_env \(no key\)"):
        judge.generate("other")


def test_words_of_servers_without_keys_stay_in_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "none")
    assert without_key("none of these", KEY_VARIABLE) == "none of these"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", ""),
        ("api_key_env", "sk-7Q-secret"),
        ("api_key_env", "gsk_7Q"),
        ("endpoint", "https://user:7Q@host/v1"),
        ("endpoint", "https://host/v1?api-key=7Q"),
        ("endpoint", "ftp://host/7Q"),
        ("endpoint", "host/7Q"),
        ("endpoint", "http://host:7Q/v1"),
        ("endpoint", "http://[7Q/v1"),
        ("endpoint", "http://7Q..host/v1"),
        ("longest_wait", 0.0),
    ],
)
def test_wrong_settings_are_refused_without_their_values(
    endpoint: OpenAIServer, tmp_path: Path, key: str, value: object
) -> None:
    settings = endpoint.settings(**{key: value})
    with pytest.raises(JudgeError) as refused:
        EndpointJudge(settings, tmp_path / "answers.jsonl")
    assert str(refused.value).startswith(f"judge.{key}: found ")
    assert "7Q" not in str(refused.value)


def test_the_defaults_want_a_model_only() -> None:
    assert [key for key, _ in mistakes(JudgeEndpoint())] == ["model"]
    assert JudgeEndpoint().address == "https://api.openai.com/v1/chat/completions"
