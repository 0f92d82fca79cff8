"""Append-only files of records, one JSON line each with a checksum.

A record that `append` returned from outlives the death of the process and of the machine. A line
that was cut off by a death, or damaged since, is passed over. Several processes and threads may
append to one file at a time: an exclusive lock is held while a line is written. What is read may
grow meanwhile.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from frism.errors import OutputError

Record = dict[str, Any]
# some file systems of clusters know no locks
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class Journal:
    """The records of one file, written by anyone, read in parts as they come.

    Args:
        path: The file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        self._read = 0  # bytes of whole lines that were read

    def append(self, record: Mapping[str, Any]) -> None:
        """Writes a record of JSON values so that it is safe on disk.

        Raises:
            OutputError: the file cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not self.path.exists()
            with self.path.open("a+b") as file:
                _lock(file)
                _end_cut_line(file)
                file.write(_line(record))
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                _sync_entry(self.path.parent)
        except OSError as error:
            raise OutputError(
                f"{self.path}: a record was not written ({error.strerror}); expected a place with "
                "room that may be written: make room or name another; what it holds is kept"
            ) from None

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
        found = [_record(line) for line in whole if line]
        self.damaged += found.count(None)
        return [record for record in (*found, _record(rest)) if record is not None]


def _line(record: Mapping[str, Any]) -> bytes:
    # ASCII: text of any origin, lone surrogates too, survives
    return json.dumps({"record": record, "sha256": _digest(record)}).encode("ascii") + b"\n"


def _record(line: bytes) -> Record | None:
    """Returns the record of a line, or None if it is not whole."""
    try:
        entry = json.loads(line)
        record: Record = entry["record"]
        return record if entry["sha256"] == _digest(record) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode("ascii")).hexdigest()


def _lock(file: BinaryIO) -> None:
    # it goes when the file is closed
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise


def _end_cut_line(file: BinaryIO) -> None:
    """Ends a line that a death cut off, so that the next record has a line of its own."""
    size = file.seek(0, os.SEEK_END)
    if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
        file.write(b"\n")


def _sync_entry(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
