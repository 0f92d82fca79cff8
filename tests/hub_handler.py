"""How the hub on loopback answers one request."""

from __future__ import annotations

import json
import re
import socket
import struct
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.hub_repos import Repo, ServedFile, take

if TYPE_CHECKING:
    from tests.hub_server import HubServer

INFO = re.compile(r"/api/models/(?P<repo>.+?)(?:/revision/(?P<revision>[^/]+))?")
RESOLVE = re.compile(r"/(?P<repo>.+?)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")
STORAGE = re.compile(r"/storage/(?P<repo>.+?)/(?P<revision>[0-9a-f]{40})/(?P<file>.+)")
RANGE = re.compile(r"bytes=(\d+)-(\d*)")
CHUNK = 1 << 20
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class HubHandler(BaseHTTPRequestHandler):
    """Answers listings, resolves files and sends bodies, whole or in part."""

    server: HubServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        from tests.hub_server import Asked

        url = urlsplit(self.path)
        path = unquote(url.path)
        token = (self.headers["Authorization"] or "").removeprefix("Bearer ") or None
        self.server.asked.append(Asked(self.command, path, self.headers["Range"], token))
        # matched before unquoting: a revision may hold an encoded slash
        for pattern, answer in (
            (INFO, self._info),
            (STORAGE, self._storage),
            (RESOLVE, self._resolve),
        ):
            if found := pattern.fullmatch(url.path):
                parts = {name: unquote(text or "") for name, text in found.groupdict().items()}
                answer(token, details="blobs" in parse_qs(url.query), **parts)
                return
        self._refuse(HTTPStatus.NOT_FOUND, "", "no such address")

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the tests' output clean."""

    def _info(self, token: str | None, details: bool, repo: str, revision: str) -> None:
        if found := self._find(repo, revision or "main"):
            commit, files = found
            siblings = [self._entry(repo, name, files[name], details) for name in files]
            self._json({"id": repo, "sha": commit, "siblings": siblings})

    def _entry(self, repo: str, name: str, file: ServedFile, details: bool) -> dict[str, object]:
        if not details:
            return {"rfilename": name}
        size = self._size(f"{repo}/{name}", file)
        entry: dict[str, object] = {"rfilename": name, "size": size, "blobId": file.blob_id}
        if file.is_large:
            entry["lfs"] = {"sha256": file.sha256, "size": size, "pointerSize": 135}
        return entry

    def _resolve(
        self, token: str | None, details: bool, repo: str, revision: str, file: str
    ) -> None:
        if not (found := self._find(repo, revision)):
            return
        commit, files = found
        needed = self.server.repos[repo].token
        if needed and token != needed:
            status = HTTPStatus.FORBIDDEN if token else HTTPStatus.UNAUTHORIZED
            self._refuse(status, "GatedRepo", f"Access to model {repo} is restricted.")
        elif file not in files:
            self._refuse(HTTPStatus.NOT_FOUND, "EntryNotFound", "Entry not found", commit)
        elif files[file].is_large:
            self._redirect(f"{repo}/{file}", f"{repo}/{commit}/{quote(file)}", commit, files[file])
        else:
            self._send(f"{repo}/{file}", files[file], commit)

    def _redirect(self, key: str, place: str, commit: str, file: ServedFile) -> None:
        headers = {
            "Location": f"{self.server.storage_url}/{place}?signature=secret",
            "X-Linked-Etag": f'"{file.sha256}"',
            "X-Linked-Size": str(self._size(key, file)),
        }
        self._start(HTTPStatus.FOUND, 0, headers | {"X-Repo-Commit": commit})

    def _storage(
        self, token: str | None, details: bool, repo: str, revision: str, file: str
    ) -> None:
        self._send(f"{repo}/{file}", self.server.repos[repo].commits[revision][file], revision)

    def _send(self, key: str, file: ServedFile, commit: str) -> None:
        """Sends the asked part of a file, with the faults that are armed for it."""
        body = self.command == "GET"
        if body and (status := take(self.server.faults.statuses, key)):
            self._refuse(HTTPStatus(status), "", "fault")
            return
        asked = RANGE.fullmatch(self.headers["Range"] or "")
        start = int(asked[1]) if asked else 0
        end = min(int(asked[2]) + 1, file.size) if asked and asked[2] else file.size
        if asked and start >= file.size:
            self._start(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0, {})
            return
        headers = {"ETag": f'"{file.etag}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if asked:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
        status = HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK
        self._start(status, end - start, headers)
        if body:
            self._stream(key, file, start, end)

    def _stream(self, key: str, file: ServedFile, start: int, end: int) -> None:
        faults = self.server.faults
        stall, reset = take(faults.stalls, key), take(faults.resets, key)
        ends = (stall, reset, take(faults.drops, key))
        stop = next((end for end in ends if end is not None), None)
        left = end - start if stop is None else min(stop, end - start)
        wrong = faults.take_wrong(key)
        with file.path.open("rb") as content:
            content.seek(start)
            while left:
                chunk = content.read(min(CHUNK, left))
                left -= len(chunk)
                self.wfile.write(bytes([chunk[0] ^ 1]) + chunk[1:] if wrong else chunk)
                wrong = False
        if stall is not None:
            self.connection.recv(1)  # returns when the client is gone
        if stop is not None:
            self.close_connection = True
        if reset is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.connection.close()

    def _find(self, repo: str, revision: str) -> tuple[str, dict[str, ServedFile]] | None:
        """Returns commit and files, or refuses as the hub does."""
        known: Repo | None = self.server.repos.get(repo)
        if known is None:
            self._refuse(HTTPStatus.NOT_FOUND, "RepoNotFound", "Repository not found")
            return None
        commit = known.commit_of(revision)
        if commit is None:
            self._refuse(HTTPStatus.NOT_FOUND, "RevisionNotFound", f"Invalid rev id: {revision}")
            return None
        return commit, known.commits[commit]

    def _size(self, key: str, file: ServedFile) -> int:
        return self.server.faults.sizes.get(key, file.size)

    def _refuse(self, status: HTTPStatus, code: str, message: str, commit: str = "") -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": message, "X-Repo-Commit": commit}
        self._json({"error": message}, status, {k: v for k, v in headers.items() if v})

    def _json(
        self,
        content: object,
        status: HTTPStatus = HTTPStatus.OK,
        headers: dict[str, str] | None = None,
    ) -> None:
        text = json.dumps(content).encode()
        self._start(status, len(text), {"Content-Type": "application/json"} | (headers or {}))
        if self.command == "GET":
            self.wfile.write(text)

    def _start(self, status: HTTPStatus, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(length)} | headers).items():
            self.send_header(name, value)
        self.end_headers()
