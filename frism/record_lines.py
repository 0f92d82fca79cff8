"""Records as lines of JSON with a checksum, and the digest of JSON values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]
START, MIDDLE, END = b'{"record":', b',"sha256":"', b'"}'
LENGTH = hashlib.sha256().digest_size * 2


def digest(content: Any) -> str:
    """Returns the SHA-256 (hex) of JSON values, whatever the order of keys."""
    return hashlib.sha256(_canonical(content)).hexdigest()


def _canonical(content: Any) -> bytes:
    # ASCII: text of any origin, lone surrogates too, survives
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")


def line_of(record: Mapping[str, Any], key: str) -> bytes:
    """Returns a line with its end; its checksum covers the key, which it does not tell."""
    content = _canonical(record)
    return START + content + MIDDLE + _checksum(content, key) + END + b"\n"


def record_of(line: bytes, key: str) -> Record | None:
    """Returns the record of a line, or None if it is not as it was written under the key."""
    content = line[len(START) : -len(MIDDLE) - LENGTH - len(END)]
    if line != START + content + MIDDLE + _checksum(content, key) + END:
        return None
    record: Record = json.loads(content)
    return record


def _checksum(content: bytes, key: str) -> bytes:
    return hashlib.sha256(key.encode() + content).hexdigest().encode()
