"""Decomposing the task vectors of a pair: from two checkpoints to a folder, matrix by matrix."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from frism.checkpoints.card import package_versions
from frism.checkpoints.compatibility import match_matrices
from frism.checkpoints.hashing import weights_hash
from frism.checkpoints.key_map import KeyMap, LanguageModel, causal_lm, language_model
from frism.checkpoints.names import layer_of
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.subspace_folder import (
    is_whole,
    write_manifest,
    write_subspace,
    written_record,
)
from frism.config.digest import modules_digest
from frism.files import resumable_directory
from frism.progress import progress
from frism.shared import give, take
from frism.subspaces.decomposition import Subspace, decompose, reconstruction_error, truncate
from frism.subspaces.task_vector import relative_norm, task_vector

SHARED = "subspaces"
DTYPES = {name: getattr(torch, name) for name in ("float16", "bfloat16", "float32", "float64")}


@dataclass(frozen=True)
class Decomposition:
    """How task vectors are decomposed and stored.

    Args:
        dtype: Precision of the decomposition.
        storage: Type in which U and Vh are stored; S is float32.
        rank: Largest number of directions that are kept; 0 for all.
        energy: Share of `||S||^2` that the kept directions hold.
    """

    dtype: str = "float32"
    storage: str = "float32"
    rank: int = 0
    energy: float = 1.0


@dataclass(frozen=True)
class Pair:
    """A model and the one that it was tuned from.

    Args:
        tuned: Directory of the tuned model.
        base: Directory of its base.
        role: What the tuned model is, `lrm` or `vlm`.
        key_map: Of the VLM, see `frism.checkpoints.key_map.language_model`.
    """

    tuned: Path
    base: Path
    role: str
    key_map: KeyMap | None = None

    def models(self) -> tuple[LanguageModel, LanguageModel]:
        """Returns the language models of tuned model and base.

        Raises:
            CheckpointError: they do not fit each other.
        """
        base = causal_lm(Checkpoint(self.base))
        own = Checkpoint(self.tuned)
        tuned = language_model(own, base, self.key_map) if self.role == "vlm" else causal_lm(own)
        match_matrices(tuned, base)
        return tuned, base


def decompose_part(
    pair: Pair, settings: Decomposition, part: int, parts: int, output: Path, device: str = "cpu"
) -> None:
    """Decomposes the matrices of every `parts`-th layer and writes them to `output`.

    A part that was cut short goes on at the matrix. One that is in the store of `frism.shared`,
    from the same weights by the same code, is taken from there; else it is given to it.

    Args:
        pair: The models.
        settings: How they are decomposed.
        part: Which part, from 1.
        parts: Number of parts.
        output: Directory of the part.
        device: Where the decomposition runs, such as `cpu` or `cuda`.

    Raises:
        CheckpointError: the models do not fit each other.
        MergeError: a task vector has values that are infinite or not a number.
    """
    tuned, base = pair.models()
    metadata = {
        "base": weights_hash(pair.base),
        pair.role: weights_hash(pair.tuned),
        **asdict(settings),
    }
    names = [name for name in tuned.matrices if (layer_of(name) or 0) % parts == part - 1]
    how = [device, package_versions(), modules_digest("frism.subspaces.decomposition")]
    key = json.dumps([metadata, part, parts, dict(tuned.names), how], sort_keys=True)
    digest = hashlib.sha256(key.encode()).hexdigest()
    with resumable_directory(output, digest) as directory:
        if take(SHARED, digest, directory, is_whole):
            return
        records: dict[str, Mapping[str, Any]] = {}
        for name in progress(names, "decompositions"):
            known = written_record(directory, name)
            records[name] = known or _decompose(name, tuned, base, settings, directory, device)
        write_manifest(directory, metadata, records)
    give(SHARED, digest, output)
    _summarise(records.values())


def _decompose(
    name: str,
    tuned: LanguageModel,
    base: LanguageModel,
    settings: Decomposition,
    directory: Path,
    device: str,
) -> dict[str, Any]:
    start = perf_counter()
    weight = _tensor(base, name)
    tau = task_vector(name, _tensor(tuned, name), weight).to(device)
    whole = decompose(name, tau, DTYPES[settings.dtype])
    u, s, vh = truncate(whole, settings.rank, settings.energy)
    kept = Subspace(u.to(DTYPES[settings.storage]), s, vh.to(DTYPES[settings.storage]))
    energy = whole.s.double().square().sum()
    record = {
        "shape": list(tau.shape),
        "rank": s.numel(),
        "norm": float(tau.double().norm()),
        "relative_norm": relative_norm(tau, weight.to(device)),
        "energy": float(s.double().square().sum() / energy) if energy > 0 else 1.0,
        # of what is stored, and where it was made: on a CPU it would take longer than the rest
        "reconstruction_error": reconstruction_error(tau, kept),
    }
    write_subspace(directory, name, Subspace(*(part.cpu() for part in kept)), record)
    print(_line(name, record, perf_counter() - start), flush=True)
    return record


def _tensor(model: LanguageModel, name: str) -> torch.Tensor:
    return model.checkpoint.tensor(model.names[name])


def _line(name: str, record: Mapping[str, Any], seconds: float) -> str:
    m, n = record["shape"]
    return (
        f"  {name} {m}x{n}: ||tau||/||W|| {record['relative_norm']:.4f}, rank {record['rank']}, "
        f"energy {record['energy']:.6f}, error {record['reconstruction_error']:.1e}, "
        f"{seconds:.1f} s"
    )


def _summarise(records: Iterable[Mapping[str, Any]]) -> None:
    errors = [record["reconstruction_error"] for record in records]
    if errors:
        print(f"{len(errors)} matrices, largest reconstruction error {max(errors):.1e}", flush=True)
