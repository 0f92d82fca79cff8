"""Locks that go with the process, however that ends."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from frism.errors import OutputError
from frism.writable import told

LOCK = ".lock"
# some file systems of clusters know no locks
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def exclusive(folder: str | Path, part: str = "") -> Iterator[None]:
    """Keeps other processes out of a folder, which is made, as long as the block runs.

    Args:
        folder: The folder.
        part: Name of a part of the work, if parts of other names may be worked on meanwhile; ''
            for all of it.

    Raises:
        OutputError: another process is at work in it, or it cannot be made.
    """
    folder = Path(folder)
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # a shared lock on NFS needs a file that may be read
        file = (folder / LOCK).open("a+b")
    with file:
        lock(file, folder, shared=bool(part))
        if not part:
            yield
            return
        with (folder / f"{LOCK}-{part}").open("a+b") as own:
            lock(own, folder)
            yield


def lock(file: BinaryIO, path: Path, shared: bool = False) -> None:
    """Locks an open file.

    Args:
        file: The file.
        path: What it stands for.
        shared: Whether others may have it as well that share it.

    Raises:
        OutputError: another process has it.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputError(
            f"{path} is being written by another process; expected one at a time: wait for it"
        ) from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
