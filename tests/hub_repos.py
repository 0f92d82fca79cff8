"""Folders as repositories of a hub, and the faults that a test arms on their files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

LARGE = 10_000_000
LARGE_SUFFIXES = {".safetensors", ".bin", ".model", ".gguf", ".onnx", ".pth"}


@dataclass(frozen=True)
class ServedFile:
    """A file of a commit; digests are computed when first asked for, and kept."""

    path: Path
    size: int

    @property
    def is_large(self) -> bool:
        """Whether the hub keeps it in large-file storage."""
        return self.path.suffix in LARGE_SUFFIXES or self.size > LARGE

    @cached_property
    def sha256(self) -> str:
        with self.path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()

    @cached_property
    def blob_id(self) -> str:
        """Git's name of the file, of its pointer where it is large."""
        if self.is_large:
            text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\n"
            content = f"{text}size {self.size}\n".encode()
        else:
            content = self.path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.is_large else self.blob_id


@dataclass
class Repo:
    """Commits, each the files of a folder, and branches.

    Args:
        token: The token without which files are refused; None where everybody may read.
    """

    commits: dict[str, dict[str, ServedFile]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    token: str | None = None

    def add(self, folder: Path, branch: str) -> str:
        """Makes a commit of what `folder` holds now and moves the branch there."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = {
            path.relative_to(folder).as_posix(): ServedFile(path, path.stat().st_size)
            for path in paths
        }
        state = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
        commit = hashlib.sha1(repr(state).encode()).hexdigest()
        self.commits[commit] = files
        self.branches[branch] = commit
        return commit

    def commit_of(self, revision: str) -> str | None:
        commit = self.branches.get(revision, revision)
        return commit if commit in self.commits else None


@dataclass
class Faults:
    """What goes wrong, by file (`owner/name/file`); each entry of a list happens once, in order.

    Args:
        drops: Bytes of a body after which the connection ends.
        stalls: Bytes of a body after which no more come until the client leaves.
        resets: Bytes of a body after which the connection is reset.
        statuses: HTTP statuses in place of the body.
        wrong: How many times the body has one wrong byte.
        sizes: Sizes that are announced in place of the real ones.
    """

    drops: dict[str, list[int]] = field(default_factory=dict)
    stalls: dict[str, list[int]] = field(default_factory=dict)
    resets: dict[str, list[int]] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def take_wrong(self, key: str) -> bool:
        left = self.wrong.get(key, 0)
        self.wrong[key] = max(0, left - 1)
        return left > 0


def take(armed: dict[str, list[int]], key: str) -> int | None:
    """Returns the next armed number for a file and forgets it."""
    return armed[key].pop(0) if armed.get(key) else None
