"""What must be equal between two runs of one configuration."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from frism.checkpoints.hashing import weights_hash

MEASURED = "seconds"


def contents(results: Path) -> dict[str, str]:
    """Returns a content hash for each merged model, each record and each other file of a run."""
    hashes = {path: weights_hash(path) for path in results.rglob("merges/*/*/model")}
    hashes |= {path: _content(path) for path in results.rglob("*") if _compared(path, results)}
    return {str(path.relative_to(results)): each for path, each in sorted(hashes.items())}


def _compared(path: Path, results: Path) -> bool:
    parts = path.relative_to(results).parts
    # what a killed job leaves behind is hidden; merge cards are part of no result
    hidden = any(part.startswith(".") for part in parts)
    return path.is_file() and not hidden and not {"logs", "model"} & set(parts)


def _content(path: Path) -> str:
    data = path.read_bytes()
    if path.parent.name == "records":
        record: dict[str, Any] = json.loads(data)
        data = json.dumps({k: v for k, v in record.items() if k != MEASURED}).encode()
    return hashlib.sha256(data).hexdigest()
