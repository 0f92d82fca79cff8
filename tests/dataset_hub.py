"""The part of the hub's HTTP API that the library `datasets` asks beside that for models."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.hub_handler import HubHandler
from tests.hub_repos import ServedFile
from tests.hub_server import Asked, HubServer

INFO = re.compile(r"/api/(?P<repo>datasets/.+?)(?:/revision/(?P<revision>[^/]+))?")
TREE = re.compile(r"/api/(?P<repo>datasets/.+?)/tree/(?P<revision>[0-9a-f]{40})(?:/(?P<path>.*))?")


class DatasetHandler(HubHandler):
    """Answers listings of datasets; files are resolved as those of models."""

    def do_GET(self) -> None:  # noqa: N802
        path = urlsplit(self.path).path
        if found := TREE.fullmatch(path):
            self._asked()
            self._tree(found["repo"], found["revision"], unquote(found["path"] or ""))
        elif found := INFO.fullmatch(path):
            self._asked()
            self._info(None, False, found["repo"], found["revision"] or "main")
        else:
            super().do_GET()

    def _tree(self, repo: str, revision: str, folder: str) -> None:
        entries = self._entries(repo, revision)
        inside = f"{folder}/" if folder else ""
        if parse_qs(urlsplit(self.path).query).get("recursive", [""])[0].lower() in ("true", "1"):
            self._json([e for e in entries if str(e["path"]).startswith(inside)])
            return
        within = [e for e in entries if Path(str(e["path"])).parent.as_posix() == (folder or ".")]
        self._json(within)

    def _entries(self, repo: str, revision: str) -> list[dict[str, object]]:
        """Returns the files of a commit and the folders that they lie in."""
        files: dict[str, ServedFile] = self.server.repos[repo].commits[revision]
        folders = {parent.as_posix() for name in files for parent in Path(name).parents} - {"."}
        return [
            *({"type": "directory", "path": name, "oid": "0" * 40, "size": 0} for name in folders),
            *(
                {"type": "file", "path": name, "oid": file.blob_id, "size": file.size}
                for name, file in files.items()
            ),
        ]

    def _asked(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(Asked(self.command, path, self.headers["Range"], None))


class DatasetHub(HubServer):
    """A hub on loopback that serves datasets as well."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.RequestHandlerClass = DatasetHandler

    def add_dataset(self, repo: str, folder: Path) -> str:
        """Serves what `folder` holds now; returns the commit."""
        return self.add_repo(f"datasets/{repo}", folder)
