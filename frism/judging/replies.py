"""What an answer of the endpoint means: an answer, a reason to try again, or to stop."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, NamedTuple

from frism.judging.waiting import retry_after

# what a fault of the moment brings; all of 500 and above too
PASSING = (408, 409, 425, 429)
# what would meet every question: key, rights, balance, address or model are wrong
FATAL = (401, 402, 403, 404, 405, 407, 410)
# 429 as well, but no wait helps
NO_QUOTA = ("insufficient_quota", "billing_hard_limit_reached")
LONGEST_EXCERPT = 200


class Outcome(Enum):
    """What follows from a reply."""

    ANSWER = "answer"
    RETRY = "try again"
    FAILURE = "this question has no answer"
    STOP = "no question would be answered"


class Reply(NamedTuple):
    """One try of a question.

    Args:
        outcome: What follows.
        text: The answer, or else the reason why there is none.
        wait: Seconds that the endpoint asks to wait before the next try.
    """

    outcome: Outcome
    text: str
    wait: float = 0.0


def interpret(
    status: int, headers: Mapping[str, str], body: bytes, hide: Callable[[str], str]
) -> Reply:
    """Returns what an HTTP answer means.

    Args:
        status: HTTP status.
        headers: Headers by name in small letters.
        body: The whole body.
        hide: Takes secrets out of what the server says.
    """
    content = _json(body)
    said = _shortened(hide(_message(content, body)))
    if status == HTTPStatus.OK:
        return _completion(content, said, hide)
    reason = f"HTTP {status}{said}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Reply(Outcome.STOP, f"HTTP {status}, a redirection, which is not followed")
    if status in FATAL or _error(content).get("code") in NO_QUOTA:
        return Reply(Outcome.STOP, reason)
    if status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reply(Outcome.RETRY, reason, retry_after(headers))
    return Reply(Outcome.FAILURE, reason)


def _completion(content: object, said: str, hide: Callable[[str], str]) -> Reply:
    match content:
        case {"choices": [{"message": {"content": str(text)}}, *_]} if text.strip():
            return Reply(Outcome.ANSWER, hide(text.strip()))
        case {"choices": [{"message": {"content": None | str()}}, *_]}:
            return Reply(Outcome.RETRY, "the answer is empty")
        case None:
            return Reply(Outcome.RETRY, f"the answer is no JSON{said}")
    return Reply(Outcome.RETRY, f"the answer has no choices[0].message.content{said}")


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _error(content: object) -> dict[str, Any]:
    """Returns the `error` of OpenAI's form, or what comes nearest."""
    if not isinstance(content, dict):
        return {}
    error = content.get("error", content)
    return error if isinstance(error, dict) else {"message": error}


def _message(content: object, body: bytes) -> str:
    error = _error(content)
    said = error.get("message") or error.get("detail")
    return str(said) if said else body.decode("utf-8", "replace")


def _shortened(text: str) -> str:
    """Returns a text on one line after a colon, or nothing if it is empty."""
    line = " ".join(text.split())
    return f": {line[:LONGEST_EXCERPT]}" if line else ""
