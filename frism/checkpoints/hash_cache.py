"""Digests that were computed before, by the identity of the file: models are large, reading slow.

They lie in `$FRISM_CACHE`, or else in `frism` of the user's cache folder. An entry counts only for
the same path, inode and size, and the same times of last change of content and of inode. A file
that was changed a moment ago is not remembered: clocks of file systems are coarse, so a second
change right after the first could leave no trace. A cache that cannot be read or written is no
error: the file is read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from frism.errors import OutputError
from frism.files import write_text

FOLDER = "FRISM_CACHE"
# the coarsest clock of a file system in use, that of FAT
SETTLED_NS = 2_000_000_000


class Identity(NamedTuple):
    """What changes when a file does.

    Args:
        path: Its absolute path, links resolved.
        size: In bytes.
        changed: When its content changed, in nanoseconds.
        inode_changed: When its inode changed, in nanoseconds.
        inode: The inode.
    """

    path: str
    size: int
    changed: int
    inode_changed: int
    inode: int


def identity(file: Path) -> Identity:
    """Returns the identity of a file; it is asked for before the file is read."""
    found = file.stat()
    times = found.st_mtime_ns, found.st_ctime_ns
    return Identity(str(file.resolve()), found.st_size, *times, found.st_ino)


def known_digests(file: Identity) -> dict[str, str] | None:
    """Returns the digests of a file's tensors by name if they are known."""
    try:
        entry = json.loads(_place(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(entry, dict) or entry.get("identity") != list(file):
        return None
    digests: dict[str, str] | None = entry.get("digests")
    return digests


def remember_digests(file: Identity, digests: Mapping[str, str]) -> None:
    """Keeps the digests of the tensors of a file that has not been changed just now."""
    if time.time_ns() - file.changed < SETTLED_NS:
        return
    # an entry that cannot be written is done without
    with contextlib.suppress(OSError, OutputError):
        write_text(_place(file), json.dumps({"identity": file, "digests": dict(digests)}))


def _place(file: Identity) -> Path:
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "frism"
    name = hashlib.sha256(file.path.encode()).hexdigest()
    return Path(os.environ.get(FOLDER) or default) / "digests" / f"{name}.json"
