"""Questions to an endpoint from the threads of one process: in turn, again, or no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from frism.config.judge import JudgeEndpoint
from frism.errors import JudgeError
from frism.judging.cache import AnswerCache
from frism.judging.replies import Outcome, Reply
from frism.judging.transport import Transport
from frism.judging.waiting import backoff
from frism.record_lines import digest

# an endpoint that answers none of so many questions in a row is given up
MOST_UNANSWERED = 10


class NoAnswer(Exception):  # noqa: N818  # not an error: a question may fail alone
    """A question was given up; the text says why."""


class Asker:
    """Asks and waits; once the endpoint is given up, no more is asked.

    Args:
        settings: Which endpoint, how often, how fast.
        cache: File of the answers.
        run: Name of the run that failures belong to.
    """

    def __init__(self, settings: JudgeEndpoint, cache: Path, run: str) -> None:
        self.cache = AnswerCache(cache, run)
        self._settings = settings
        self._transport = Transport(settings)
        self._slots = threading.BoundedSemaphore(settings.concurrency)
        self._same: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._unanswered = 0
        self._not_before = 0.0
        self._stopped = threading.Event()
        self._verdict = ""

    def answer(self, request: Mapping[str, Any], prompt: str = "") -> str:
        """Returns the answer to a request, from the cache if it is there.

        Args:
            request: Body of the request.
            prompt: Digest under which a failure is kept; without it none is.

        Raises:
            NoAnswer: this question has none, or the prompt failed before.
            JudgeError: none would have.
        """
        question = digest(request)
        with self._same.setdefault(question, threading.Lock()):
            known = self.cache.answer(question)
            if known is not None:
                return known
            answer = self._first_answer(request, prompt)
            self.cache.add_answer(question, answer)
            return answer

    def _first_answer(self, request: Mapping[str, Any], prompt: str) -> str:
        if prompt in (failures := self.cache.failures()):
            raise NoAnswer(failures[prompt])
        try:
            return self._asked(request)
        except NoAnswer as failure:
            if prompt:
                self.cache.add_failure(prompt, str(failure))
            raise

    def _asked(self, request: Mapping[str, Any]) -> str:
        """Returns the answer to a request that the cache does not have."""
        tries = self._settings.retries + 1
        for tried in range(1, tries + 1):
            reply = self._reply(request)
            if reply.outcome is Outcome.ANSWER:
                self._unanswered = 0
                return reply.text
            if reply.outcome is Outcome.STOP:
                self._stop(reply.text)
            if reply.outcome is Outcome.FAILURE:
                raise NoAnswer(reply.text)
            if tried < tries:
                self._wait(tried, reply)
        self._count_unanswered(reply.text)
        raise NoAnswer(f"{reply.text} (at the last of {tries} tries)")

    def _reply(self, request: Mapping[str, Any]) -> Reply:
        with self._slots:
            self._pause(self._not_before - time.monotonic())
            return self._transport.ask(request)

    def _wait(self, tried: int, reply: Reply) -> None:
        """Waits before the next try; what the endpoint asks for holds for all threads."""
        longest = self._settings.longest_wait
        if reply.wait > longest:
            self._stop(
                f"{reply.text}, and it asks to wait {reply.wait:.0f} s, longest_wait is {longest:g}"
            )
        with self._lock:
            self._not_before = max(self._not_before, time.monotonic() + reply.wait)
        self._pause(max(reply.wait, backoff(tried, self._settings.first_wait, longest)))

    def _pause(self, seconds: float) -> None:
        """Waits, but no longer than until the endpoint is given up."""
        if self._stopped.wait(max(0.0, seconds)):
            raise JudgeError(self._verdict)

    def _count_unanswered(self, reason: str) -> None:
        with self._lock:
            self._unanswered += 1
        if self._unanswered >= MOST_UNANSWERED:
            self._stop(f"{reason}, and {self._unanswered} questions in a row had no answer")

    def _stop(self, found: str) -> None:
        self._verdict = self._verdict or _refusal(self._settings, found, self.cache.path)
        self._stopped.set()
        raise JudgeError(self._verdict)


def _refusal(settings: JudgeEndpoint, found: str, cache: Path) -> str:
    key = f"the key in {settings.api_key_env}" if settings.api_key_env else "api_key_env (no key)"
    return (
        f"the judge {settings.model} at {settings.endpoint} was given up: {found}; expected "
        f"answers: check {key}, judge.endpoint and judge.model, then run again: answers so far are "
        f"kept in {cache}"
    )
