"""What must be equal between two runs of one configuration."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from frism.checkpoints.hashing import hash_tensors, weights_hash
from frism.checkpoints.tensors import TensorFile

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
    timed = "times" in path.name
    return path.is_file() and not hidden and not timed and not {"logs", "model"} & set(parts)


def _content(path: Path) -> str:
    if path.suffix == ".safetensors":
        file = TensorFile(path)
        return hash_tensors((name, file[name]) for name in file.tensors)
    data = path.read_bytes()
    if path.suffix == ".json":
        data = json.dumps(_without_times(json.loads(data))).encode()
    return hashlib.sha256(data).hexdigest()


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if not key.endswith(MEASURED)}
        return {key: _without_times(each) for key, each in kept.items()}
    return [_without_times(each) for each in value] if isinstance(value, list) else value
