"""Merging a whole checkpoint, one matrix in memory at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from frism.checkpoints.card import CARD_FILE, merge_card, tensor_fates
from frism.checkpoints.compatibility import notes
from frism.checkpoints.hashing import file_hash, weights_hash
from frism.checkpoints.names import canonical_name
from frism.checkpoints.tensors import TensorFile
from frism.checkpoints.writer import SHARD_BYTES, write_like
from frism.errors import MergeError
from frism.files import atomic_directory
from frism.merging.change import RelativeChange
from frism.merging.sources import FileSources, MergeFiles
from frism.methods.matrix import MatrixInputs
from frism.methods.method import Method
from frism.methods.registry import check_parameters


@dataclass(frozen=True)
class ModelHashes:
    """Content hashes of the models of one family."""

    base: str
    vlm: str
    lrm: str

    @classmethod
    def of(cls, files: MergeFiles) -> ModelHashes:
        """Hashes the weights of the three checkpoints."""
        return cls(weights_hash(files.base), weights_hash(files.vlm), weights_hash(files.lrm))


def merge_checkpoint(
    files: MergeFiles,
    method: Method,
    parameters: Mapping[str, float],
    output: Path,
    shard_bytes: int = SHARD_BYTES,
) -> None:
    """Writes the merged model and its merge card to `output`, atomically.

    All tensors but the language model's linear matrices are the VLM's, and so are all other files
    of its directory; each tensor keeps the VLM's type.

    Raises:
        CheckpointError: the models do not fit each other.
        MergeError: wrong parameters, or files made from other models than the given ones.
    """
    check_parameters(method, parameters)
    sources, hashes = FileSources(files), ModelHashes.of(files)
    check_origin(sources, method, parameters, hashes)
    inputs, change = input_hashes(sources, method), RelativeChange()

    def read(name: str) -> torch.Tensor:
        canonical, own = canonical_name(name), sources.vlm_checkpoint.tensor(name)
        if canonical is None:
            return own
        merged = _merged(canonical, own, sources, method, parameters)
        change.add(own, merged)
        return merged

    with atomic_directory(output) as directory:
        write_like(sources.vlm_checkpoint, directory, read, shard_bytes)
        weights = asdict(hashes) | {"merged": weights_hash(directory)}
        card = merge_card(
            weights,
            inputs,
            sources.gates.metadata if method.gates and sources.gates else None,
            method.slug,
            parameters,
            change.value,
            tensor_fates(sources.vlm_checkpoint, sources.lrm_checkpoint),
            _notes(sources),
        )
        (directory / CARD_FILE).write_text(card, encoding="utf-8")


def input_hashes(sources: FileSources, method: Method) -> dict[str, str]:
    """Hashes the files of a merge beside its models; gates count where the method learns some."""
    files = {"task_vectors": sources.task_vectors, "subspaces": sources.subspaces}
    if method.gates and sources.gates:
        files["gates"] = sources.gates
    return {name: file_hash(file.path) for name, file in files.items()}


def check_origin(
    sources: FileSources, method: Method, parameters: Mapping[str, float], hashes: ModelHashes
) -> None:
    """Checks that task vectors, subspaces and gates were made from these very models.

    Gates must also have been trained with these very parameters.

    Raises:
        MergeError: one of them is stale.
    """
    pair: dict[str, object] = {"base": hashes.base, "lrm": hashes.lrm}
    if method.gates is None:
        _check_file(sources.task_vectors, pair)
        return
    if sources.gates is None:
        raise MergeError(f"method '{method.slug}' learns gates; give their directory with --gates")
    _check_file(sources.subspaces, pair)
    training = {"vlm": hashes.vlm, "granularity": method.gates, **parameters}
    _check_file(sources.gates, pair | training)


def _check_file(file: TensorFile, expected: Mapping[str, object]) -> None:
    for key, value in expected.items():
        if file.metadata.get(key) != value:
            raise MergeError(
                f"{file.path} was made with {key} {file.metadata.get(key)}, but this merge has "
                f"{value}; make it again from the same models"
            )


def _merged(
    name: str,
    own: torch.Tensor,
    sources: FileSources,
    method: Method,
    parameters: Mapping[str, float],
) -> torch.Tensor:
    merged = method.merge(MatrixInputs(name, sources), parameters)
    if not torch.isfinite(merged).all():
        raise MergeError(
            f"method '{method.slug}' gave infinite values or no numbers in tensor '{name}'; "
            "expected finite weights: lower its coefficients or check the inputs"
        )
    # -0 + 0 is +0: where nothing was added the VLM's own bits stay
    return torch.where(merged == own.float(), own, merged.to(own.dtype))


def _notes(sources: FileSources) -> list[str]:
    vlm = sources.vlm_checkpoint
    lrm, base = sources.lrm_checkpoint, sources.base_checkpoint
    return notes(vlm, lrm, "the LRM") + notes(vlm, base, "the base")
