"""An OpenAI-compatible endpoint on loopback, with faults to arm.

    with OpenAIServer() as server:
        server.faults = [refusal(429, {"Retry-After": "0.1"}), malformed(b"{")]
        settings = server.settings(retries=2)

Each request takes the next fault; without one it is answered. All requests are kept.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from frism.config.judge import JudgeEndpoint
from frism.judging.endpoint import EndpointJudge

KEY_VARIABLE = "FRISM_TEST_KEY"
KEY = "sk-test-7Q/x+secret"
Fault = Callable[["ChatHandler"], None]


def failures(judge: EndpointJudge) -> dict[str, str]:
    """Returns why prompts got no answer in a judge's run, by their digest."""
    return judge._asker().cache.failures()


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it; `at` is monotonic, in seconds."""

    path: str
    authorization: str | None
    body: dict[str, Any]
    at: float

    @property
    def text(self) -> str:
        """What the user's message says."""
        return str(self.body["messages"][-1]["content"])


def refusal(status: int, headers: Mapping[str, str] | None = None, said: str = "no") -> Fault:
    """A status with OpenAI's form of an error; `$KEY` in the text is what the client sent."""

    def answer(handler: ChatHandler) -> None:
        text = said.replace("$KEY", handler.headers["Authorization"] or "")
        body = json.dumps({"error": {"message": text, "code": text}}).encode()
        handler.reply(status, body, headers or {})

    return answer


def malformed(body: bytes) -> Fault:
    """Status 200 with this body."""
    return lambda handler: handler.reply(200, body, {})


def completion(content: object) -> Fault:
    """A well-formed answer with this content."""
    return malformed(json.dumps(_completion(content)).encode())


def dropped(handler: ChatHandler) -> None:
    """Ends the connection without an answer."""
    handler.close_connection = True


def silent(handler: ChatHandler) -> None:
    """Answers not before the server ends."""
    handler.server.ended.wait(20)
    handler.close_connection = True


def slow(handler: ChatHandler) -> None:
    """Answers after a while, and counts how many wait at the same time."""
    server = handler.server
    with server.counting:
        server.waiting += 1
        server.most_at_once = max(server.most_at_once, server.waiting)
    server.ended.wait(0.05)
    with server.counting:
        server.waiting -= 1
    completion("late")(handler)


def dripping(handler: ChatHandler) -> None:
    """Sends a byte now and then, so that no single read waits long."""
    handler.start(200, 10_000, {})
    while not handler.server.ended.wait(0.02):
        handler.wfile.write(b" ")


class OpenAIServer(ThreadingHTTPServer):
    """Answers `echo: <question>` from entering to leaving the context."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ChatHandler)
        self.faults: list[Fault] = []
        self.always: Fault | None = None
        self.asked: list[Asked] = []
        self.ended = threading.Event()
        self.counting = threading.Lock()
        self.waiting = self.most_at_once = 0
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The address up to /v1."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def settings(self, **values: Any) -> JudgeEndpoint:
        """Settings of a judge at this server, that waits next to nothing."""
        quick = {"timeout": 5.0, "retries": 3, "first_wait": 0.001, "longest_wait": 0.5}
        named = {"endpoint": self.url, "model": "judge-model", "api_key_env": KEY_VARIABLE}
        return JudgeEndpoint.model_validate({**quick, **named, **values})

    def texts(self) -> list[str]:
        """Returns the questions in the order in which they came."""
        return [one.text for one in self.asked]

    def __enter__(self) -> OpenAIServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is no error here."""


class ChatHandler(BaseHTTPRequestHandler):
    """Answers /v1/chat/completions."""

    server: OpenAIServer
    protocol_version = "HTTP/1.1"
    # head and body are written one after the other: the second would wait 40 ms for the first
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = Asked(self.path, self.headers["Authorization"], body, time.monotonic())
        self.server.asked.append(asked)
        fault = self.server.faults.pop(0) if self.server.faults else self.server.always
        if fault:
            fault(self)
        elif self.path == "/v1/chat/completions":
            completion(f"echo: {asked.text}")(self)
        else:
            refusal(404)(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the tests' output clean."""

    def reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Sends a whole answer."""
        self.start(status, len(body), headers)
        self.wfile.write(body)

    def start(self, status: int, length: int, headers: Mapping[str, str]) -> None:
        """Sends the head of an answer."""
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()


def _completion(content: object) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    choices = [{"index": 0, "finish_reason": "stop", "message": message}]
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": choices}
