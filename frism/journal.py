"""Append-only files of records, one JSON line each with a checksum.

A record that `append` returned from outlives the death of the process and, once it is synced, that
of the machine. A line that was cut off by a death, or damaged since, is passed over. Several
processes and threads may append to one file at a time: an exclusive lock is held while lines are
written. What is read may grow meanwhile.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from frism.record_lines import Record, line_of, record_of
from frism.writable import told

# bytes, among which the first line of a file ends
HEAD = 2**16
# some file systems of clusters know no locks
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class Journal:
    """The records of one file, written by anyone, read in parts as they come.

    Args:
        path: The file; it need not exist yet.
        key: What its records belong to; those written under another key do not count.

    Attributes:
        damaged: Lines so far that do not count.
        torn: Whether the last line has no end, as while it is written, and does not count.
    """

    def __init__(self, path: Path, key: str = "") -> None:
        self.path, self.key = path, key
        self.damaged, self.torn = 0, False
        self._read = 0  # bytes of whole lines that were read

    def append(self, record: Mapping[str, Any]) -> None:
        """Writes a record of JSON values so that it is safe on disk.

        Raises:
            OutputError: the file cannot be written.
        """
        with Writer(self.path, self.key) as writer:
            writer.append(record)

    def new_records(self) -> list[Record]:
        """Returns the whole records that this object has not returned yet.

        The last line may come again later if it had no end yet.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                *whole, rest = file.read().split(b"\n")
        except FileNotFoundError:
            return []
        self._read += sum(len(line) + 1 for line in whole)
        found = [record_of(line, self.key) for line in whole if line]
        last = record_of(rest, self.key)
        self.damaged += found.count(None)
        self.torn = bool(rest) and last is None
        return [record for record in (*found, last) if record is not None]


class Writer:
    """A journal that stays open while many records are written, a context manager.

    Args:
        path: The file, which is made with its folder.
        key: What the records belong to.
        pause: Seconds between two syncs of the disk, which may take longer than what is recorded
            took; at 0 each record is synced. The last ones are synced when the file is closed.

    Raises:
        OutputError: The file cannot be written.
    """

    def __init__(self, path: Path, key: str = "", pause: float = 0.0) -> None:
        self._path, self._key, self._pause = path, key, pause
        self._synced, self._unsafe = 0.0, False

    def __enter__(self) -> Self:
        with told(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not self._path.exists()
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            if is_new:
                _sync_entry(self._path.parent)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._unsafe:
                with told(self._path):
                    self._sync()
        finally:
            os.close(self._file)

    @property
    def is_begun(self) -> bool:
        """Whether the file has a whole line; a full disk may have cut the first one."""
        return b"\n" in os.pread(self._file, HEAD, 0)

    def append(self, *records: Mapping[str, Any]) -> None:
        """Writes records of JSON values."""
        rest = b"".join(line_of(record, self._key) for record in records)
        with told(self._path), _locked(self._file):
            if self._is_cut():
                rest = b"\n" + rest  # so that the next record has a line of its own
            while rest:
                rest = rest[os.write(self._file, rest) :]
            self._unsafe = True
            if time.monotonic() - self._synced >= self._pause:
                self._sync()

    def _is_cut(self) -> bool:
        size = os.fstat(self._file).st_size
        return bool(size) and os.pread(self._file, 1, size - 1) != b"\n"

    def _sync(self) -> None:
        os.fsync(self._file)
        self._synced, self._unsafe = time.monotonic(), False


@contextmanager
def _locked(file: int) -> Iterator[None]:
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        yield
        return
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _sync_entry(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
