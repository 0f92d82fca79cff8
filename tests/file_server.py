"""Files on loopback, in parts where asked for, with faults to arm; also a proxy for any address.

with FileServer({"/a/POPE.tsv": b"..."}) as server:
    server.drops["/a/POPE.tsv"] = [1000]
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

RANGE = re.compile(r"bytes=(\d+)-")


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it."""

    method: str
    path: str
    range: str | None


class FileServer(ThreadingHTTPServer):
    """Serves contents by path from entering to leaving the context.

    Attributes:
        drops: bytes after which the connection ends, one for each answer, by path.
        stalls: bytes after which the server falls silent, one for each answer, by path.
        statuses: what is answered instead, one for each answer, by path.
        ranges: whether parts are sent where they are asked for.
        heads: whether requests for sizes are answered.
        asked: all requests.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.drops: dict[str, list[int]] = defaultdict(list)
        self.stalls: dict[str, list[int]] = defaultdict(list)
        self.statuses: dict[str, list[int]] = defaultdict(list)
        self.ranges = self.heads = True
        self.asked: list[Asked] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Scheme and host."""
        return f"http://127.0.0.1:{self.server_port}"

    def got(self, path: str = "") -> list[str | None]:
        """Returns the ranges of the requests for content of paths that end so."""
        return [a.range for a in self.asked if a.method == "GET" and a.path.endswith(path)]

    def __enter__(self) -> FileServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is no error here."""


class _Handler(BaseHTTPRequestHandler):
    server: FileServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        server, body = self.server, self.command == "GET"
        server.asked.append(Asked(self.command, self.path, self.headers["Range"]))
        content = server.files.get(self.path)
        if content is None:
            self._start(404, 0)
        elif body and server.statuses[self.path]:
            self._start(server.statuses[self.path].pop(0), 0)
        elif not body and not server.heads:
            self._start(405, 0)
        else:
            self._send(content, body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the tests' output clean."""

    def _send(self, content: bytes, body: bool) -> None:
        asked = RANGE.match(self.headers["Range"] or "") if self.server.ranges else None
        start = int(asked[1]) if asked else 0
        if asked and start >= len(content):
            self._start(416, 0)
            return
        part = f"bytes {start}-{len(content) - 1}/{len(content)}"
        extra = {"Content-Range": part} if asked else {}
        self._start(206 if asked else 200, len(content) - start, extra)
        if not body:
            return
        stall, drop = (
            fault[self.path].pop(0) if fault[self.path] else None
            for fault in (self.server.stalls, self.server.drops)
        )
        stop = drop if stall is None else stall
        self.wfile.write(content[start:] if stop is None else content[start : start + stop])
        if stall is not None:
            self.connection.recv(1)  # returns when the client is gone
        self.close_connection = stop is not None

    def _start(self, status: int, length: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(length)} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
