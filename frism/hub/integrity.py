"""Whether a downloaded file is what the hub announced."""

from __future__ import annotations

import hashlib
from pathlib import Path

from frism.errors import CheckpointError
from frism.hub.cache import discard
from frism.hub.listing import HubFile
from frism.hub.reference import HubModel


def verify(path: Path, file: HubFile, model: HubModel) -> str:
    """Checks size and digest of a file of the cache; returns the SHA-256 of its content.

    Raises:
        CheckpointError: the content is another one. The file is removed from the cache, so that
            the next run gets it again.
    """
    size = path.stat().st_size
    if size != file.size:
        discard(path)
        raise _mismatch(file, model, f"{size} bytes", f"{file.size} bytes")
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    if file.digest:
        found, kind = (sha256, "SHA-256") if file.is_large else (_git_blob_sha1(path), "git SHA-1")
        if found != file.digest:
            discard(path)
            raise _mismatch(file, model, f"{kind} {found}", file.digest)
    return sha256


def _mismatch(file: HubFile, model: HubModel, found: str, expected: str) -> CheckpointError:
    return CheckpointError(
        f"{file.name} of {model} is damaged: found {found}, expected {expected}; it was removed "
        "from the cache, run again to download it anew"
    )


def _git_blob_sha1(path: Path) -> str:
    """Returns git's name of a file: `sha1("blob <size>\\0" + content)`."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
