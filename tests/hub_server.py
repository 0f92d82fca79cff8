"""A hub on loopback: the part of the hub's HTTP API that the client asks, and faults to arm.

    with HubServer(root) as hub:
        commit = hub.add_repo("owner/name", folder)
        environment["HF_ENDPOINT"] = hub.url

Adding another folder to a branch moves the branch; the old commit stays. Large files are redirected
to another origin, as on the hub, and streamed, so that files of any size can be served.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from tests.hub_handler import HubHandler
from tests.hub_repos import Faults, Repo


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it; `path` without the query."""

    method: str
    path: str
    range: str | None
    token: str | None


class HubServer(ThreadingHTTPServer):
    """Serves folders as repositories from entering to leaving the context.

    Args:
        root: Folder that relative folders of repositories start from.
    """

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.root = root
        self.repos: dict[str, Repo] = {}
        self.faults = Faults()
        self.asked: list[Asked] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The address for HF_ENDPOINT."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def storage_url(self) -> str:
        """The address of large files: the same server under a name of another origin."""
        return f"http://localhost:{self.server_port}/storage"

    def add_repo(self, repo: str, folder: Path | str, branch: str = "main") -> str:
        """Serves what `folder` holds now as the head of `branch`; returns the commit."""
        return self.repos.setdefault(repo, Repo()).add(self.root / folder, branch)

    def gate(self, repo: str, token: str) -> None:
        """Refuses the files of a repository, not its listing, without this token."""
        self.repos[repo].token = token

    def asked_for(self, name: str, method: str = "GET") -> list[Asked]:
        """Returns the requests whose path ends with `name`."""
        return [one for one in self.asked if one.method == method and one.path.endswith(name)]

    def __enter__(self) -> HubServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is no error here."""
