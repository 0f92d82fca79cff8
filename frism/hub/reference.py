"""References to models: one string that is a hub id with its revision, or a local path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from frism.errors import ConfigError

LONGEST_ID = 96
NAME = r"\w(?:[\w.-]*\w)?"
ID = re.compile(rf"(?:{NAME}/)?{NAME}", re.ASCII)
# The rules of git for the names of branches and tags.
NO_REVISION = re.compile(r"[\s~^:?*\[\\\x00-\x1f\x7f@{]|\.\.|//|^[/.-]|[/.]$|\.lock$")
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class HubModel:
    """A model of the hub at a revision.

    Args:
        repo: Its id, `owner/name` or `name`.
        revision: A commit, a branch or a tag.
    """

    repo: str
    revision: str

    @property
    def is_commit(self) -> bool:
        """Whether the revision is a full commit, which can never mean other files."""
        return COMMIT.fullmatch(self.revision) is not None

    @property
    def folder(self) -> str:
        """Name of a folder for this model, such as `Qwen--Qwen3-8B@main`; one model, one name."""
        return f"{self.repo.replace('/', '--')}@{quote(self.revision, safe='')}"

    def at(self, commit: str) -> HubModel:
        """Returns the same model, pinned to `commit`."""
        return HubModel(self.repo, commit)

    def __str__(self) -> str:
        return f"{self.repo}@{self.revision}"


def parse_reference(text: str) -> HubModel | None:
    """Reads a reference; anything without `@` is a local path, for which None is returned.

    Raises:
        ConfigError: the id or the revision cannot be one of the hub.
    """
    repo, at, revision = text.partition("@")
    if not at:
        return None
    if len(repo) > LONGEST_ID or not ID.fullmatch(repo) or "--" in repo or ".." in repo:
        raise ConfigError(
            f"found model '{text}'; expected owner/name@revision, where owner and name hold "
            f"letters, digits, '-', '_' and '.' (at most {LONGEST_ID} characters), or a local path "
            "without @"
        )
    if not revision or NO_REVISION.search(revision):
        raise ConfigError(
            f"found model '{text}' with revision '{revision}'; expected a commit, branch or tag "
            f"after the @, such as {repo}@main"
        )
    return HubModel(repo, revision)
