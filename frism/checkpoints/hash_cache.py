"""Digests that were computed before, by the identity of the file: models are large, reading slow.

They lie in `$FRISM_CACHE`, or else in `frism` of the user's cache folder. An entry counts only for
the same path, size and times of last change of content and of inode, to the nanosecond. A cache
that cannot be read or written is no error: the file is read again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from frism.files import write_text

FOLDER = "FRISM_CACHE"


def known_digests(file: Path) -> dict[str, str] | None:
    """Returns the digests of a file's tensors by name if they are known."""
    try:
        entry = json.loads(_place(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(entry, dict) or entry.get("identity") != _identity(file):
        return None
    digests: dict[str, str] = entry["digests"]
    return digests


def remember_digests(file: Path, digests: Mapping[str, str]) -> None:
    """Keeps the digests of a file's tensors."""
    entry = {"identity": _identity(file), "digests": dict(digests)}
    try:
        write_text(_place(file), json.dumps(entry))
    except OSError:
        return


def _identity(file: Path) -> list[object]:
    path, status = file.resolve(), file.stat()
    return [str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _place(file: Path) -> Path:
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "frism"
    name = hashlib.sha256(str(file.resolve()).encode()).hexdigest()
    return Path(os.environ.get(FOLDER) or default) / "digests" / f"{name}.json"
