"""The folder of decomposed task vectors: one file per matrix, one manifest per part.

    <folder>/part-<k>-of-<n>/manifest.json
    <folder>/part-<k>-of-<n>/model.layers.0.self_attn.q_proj.safetensors

Each file holds U [m, r], S [r] and Vh [r, n].
Parts are made by jobs of their own; part k holds every n-th layer. A matrix is a unit: it is
written once, whole, with the record of how it was made in its metadata.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from frism.checkpoints.hashing import file_hash
from frism.checkpoints.names import in_order
from frism.checkpoints.tensors import TensorFile, write_tensors
from frism.errors import CheckpointError
from frism.files import write_text
from frism.subspaces.decomposition import Subspace

MANIFEST = "manifest.json"
PARTS = ("U", "S", "Vh")
_PART = re.compile(r"^part-(\d+)-of-(\d+)$")


class SubspaceFolder(Mapping[str, Subspace]):
    """The decomposed task vectors of one model, each read when it is asked for.

    Args:
        path: The folder; all its parts must be there.

    Raises:
        CheckpointError: a part is missing, or parts were made from different models or settings.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        parts = _parts(self.path)
        self.metadata: dict[str, Any] = _common(self.path, parts)
        records = {n: (part, r) for part in parts for n, r in parts[part]["matrices"].items()}
        self._places = {name: records[name][0] / records[name][1]["file"] for name in records}
        self.records: dict[str, dict[str, Any]] = {n: records[n][1] for n in in_order(records)}

    def __getitem__(self, name: str) -> Subspace:
        """Reads the decomposition of one matrix in its types of storage.

        Raises:
            CheckpointError: the folder does not hold it.
        """
        if name not in self.records:
            raise CheckpointError(
                f"tensor '{name}' is missing from {self.path} ({len(self)} matrices there); were "
                "the subspaces made from the same pair of models?"
            )
        file = TensorFile(self._places[name])
        return Subspace(*(file[part] for part in PARTS))

    def __iter__(self) -> Iterator[str]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def content(self) -> str:
        """SHA-256 (hex) of what the folder holds, however it is cut into parts."""
        digests = {name: record["sha256"] for name, record in self.records.items()}
        text = json.dumps([self.metadata, digests], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def part_name(part: int, parts: int) -> str:
    """Returns the name of part `part`, from 1, of `parts`."""
    return f"part-{part}-of-{parts}"


def write_subspace(
    directory: Path, name: str, subspace: Subspace, record: Mapping[str, Any]
) -> None:
    """Writes one matrix and its record, atomically."""
    tensors = dict(zip(PARTS, subspace, strict=True))
    write_tensors(directory / file_name(name), tensors, {"name": name, **record})


def written_record(directory: Path, name: str) -> dict[str, Any] | None:
    """Returns the record of a matrix that was written, None where it was not."""
    path = directory / file_name(name)
    if not path.is_file():
        return None
    return {key: value for key, value in TensorFile(path).metadata.items() if key != "name"}


def write_manifest(
    directory: Path, metadata: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]]
) -> None:
    """Writes what a part holds.

    Args:
        directory: The part.
        metadata: What all parts have in common: models and settings.
        records: Record of each matrix by canonical name.
    """
    # records that were read again after a death have their keys in order
    matrices = {
        name: {
            **dict(sorted(record.items())),
            "file": file_name(name),
            "sha256": file_hash(directory / file_name(name)),
        }
        for name, record in records.items()
    }
    content = {"schema": 1, "metadata": dict(metadata), "matrices": matrices}
    write_text(directory / MANIFEST, json.dumps(content, indent=1) + "\n")


def is_whole(directory: Path) -> bool:
    """Tells whether a part holds what its manifest says, every byte of it."""
    try:
        records = _manifest(directory / MANIFEST)["matrices"].values()
        return all(file_hash(directory / each["file"]) == each["sha256"] for each in records)
    except (CheckpointError, OSError, KeyError):
        return False


def file_name(name: str) -> str:
    """Returns the name of the file of a matrix."""
    return f"{name.removesuffix('.weight')}.safetensors"


def _parts(path: Path) -> dict[Path, dict[str, Any]]:
    found = {part: _PART.match(part.name) for part in sorted(path.glob("part-*-of-*"))}
    numbers = {part: (int(match[1]), int(match[2])) for part, match in found.items() if match}
    counts = {count for _, count in numbers.values()}
    missing = sorted(set(range(1, max(counts, default=1) + 1)) - {n for n, _ in numbers.values()})
    if len(counts) != 1 or missing:
        raise CheckpointError(
            f"{path} holds {', '.join(part.name for part in numbers) or 'no part'}; expected all "
            "parts of one run of `frism svd`: run it for the missing ones, remove others"
        )
    return {part: _manifest(part / MANIFEST) for part in numbers}


def _manifest(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{file} cannot be read ({error}); run `frism svd` again") from None
    return content


def _common(path: Path, parts: Mapping[Path, Mapping[str, Any]]) -> dict[str, Any]:
    first, *others = (content["metadata"] for content in parts.values())
    if any(other != first for other in others):
        raise CheckpointError(
            f"the parts of {path} were made from different models or settings; expected the same: "
            "run `frism svd` again for all of them"
        )
    metadata: dict[str, Any] = first
    return metadata
