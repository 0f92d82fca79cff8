"""Answers that are kept as they come: files that only grow, one JSON line for each question.

A folder holds the answers of one model to one benchmark under one set of conditions; its key is a
digest of all these. Several workers append to files of their own, all of which are read together.
The checksum of a line covers the key too: what is half-written, damaged or of another folder does
not count, so that a death at any moment costs no more than what was not yet written.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from frism.errors import OutputError
from frism.evaluation.answers import Answer

Index = int | str
ENDING, CHECKSUM, HEADER = ".jsonl", "sha256", "key"
CHARACTERS = 16
# a sync of the disk may take longer than an answer
SECONDS_UNSYNCED = 1.0


@dataclass(frozen=True)
class Key:
    """What answers depend on.

    Args:
        parts: Everything that must be equal for two answers to be the same, as JSON has it.
    """

    parts: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Its SHA-256 (hex)."""
        return hashlib.sha256(_canonical(self.parts).encode()).hexdigest()

    @property
    def short(self) -> str:
        """The first characters of the digest, for names of folders."""
        return self.digest[:CHARACTERS]


@dataclass(frozen=True)
class Kept:
    """What the files of a folder hold.

    Attributes:
        answers: By the index of the question.
        damaged: Lines that do not count: half-written, changed, or of another key.
        repeated: Lines of questions that an earlier line answers.
    """

    answers: dict[Index, Answer] = field(default_factory=dict)
    damaged: int = 0
    repeated: int = 0


def read_predictions(folder: Path, key: Key) -> Kept:
    """Reads the answers of all workers; of several to one question the first counts."""
    answers: dict[Index, Answer] = {}
    damaged = repeated = 0
    for line in _lines(folder):
        content = _checked(line, key.digest)
        found = _record(content) if content else None
        if content is None or (found is None and HEADER not in content):
            damaged += 1
        elif found:
            repeated += found[0] in answers
            answers.setdefault(*found)
    return Kept(answers, damaged, repeated)


class PredictionFile:
    """A file that one worker appends to, a context manager.

    Args:
        folder: Folder of the predictions, which is made.
        key: What the answers depend on; the first line of the file tells it.
        worker: Number of the worker; only one at a time may have it.
        shard: Name of the share of the questions that it works on, '' of all.
    """

    def __init__(self, folder: Path, key: Key, worker: int = 0, shard: str = "") -> None:
        name = "-".join(filter(None, (shard, f"worker-{worker}")))
        self._path, self._key = folder / f"{name}{ENDING}", key
        self._synced = 0.0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        size = os.fstat(self._file).st_size
        if not size:
            self._write(_line({HEADER: dict(self._key.parts)}, self._key.digest))
            _sync_folder(self._path.parent)
        elif os.pread(self._file, 1, size - 1) != b"\n":
            self._write("\n")  # an earlier worker died while it wrote
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._sync()
        finally:
            os.close(self._file)

    def append(self, answers: Mapping[Index, Answer]) -> None:
        """Writes answers by the index of their question.

        They outlive the death of this process at once, and that of the machine once the file is
        closed or an answer comes a second later.

        Raises:
            OutputError: They cannot be written, for the disk is full, say.
        """
        lines = [_line({"index": i} | asdict(a), self._key.digest) for i, a in answers.items()]
        self._write("".join(lines))

    def _sync(self) -> None:
        os.fsync(self._file)
        self._synced = time.monotonic()

    def _write(self, text: str) -> None:
        rest = text.encode()
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            if time.monotonic() - self._synced > SECONDS_UNSYNCED:
                self._sync()
        except OSError as error:
            raise OutputError(
                f"cannot append to {self._path}: {error.strerror}; the answers so far are kept: "
                "make room and run the same command again"
            ) from error


def _line(content: dict[str, Any], key: str) -> str:
    return _canonical(content | {CHECKSUM: _checksum(content, key)}) + "\n"


def _checksum(content: dict[str, Any], key: str) -> str:
    return hashlib.sha256(f"{key}\n{_canonical(content)}".encode()).hexdigest()


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _lines(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.glob(f"*{ENDING}")):
        # not text: damage may be no UTF-8, and Unicode has more ends of lines than one
        yield from filter(None, path.read_bytes().split(b"\n"))


def _checked(line: bytes, key: str) -> dict[str, Any] | None:
    """Returns what a line holds, or None where it is not as it was written under the key."""
    try:
        content = json.loads(line)
        checksum = content.pop(CHECKSUM)
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
        return None
    return content if checksum == _checksum(content, key) else None


def _record(content: dict[str, Any]) -> tuple[Index, Answer] | None:
    rest = dict(content)
    index = rest.pop("index", None)
    try:
        return None if index is None else (index, Answer(**rest))
    except TypeError:
        return None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
