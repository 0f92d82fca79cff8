"""Merging a whole checkpoint, one matrix in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from frism.checkpoints.card import CARD_FILE, merge_card, tensor_fates
from frism.checkpoints.compatibility import notes
from frism.checkpoints.hashing import weights_hash
from frism.checkpoints.names import canonical_name, vector_name
from frism.checkpoints.writer import SHARD_BYTES, write_like
from frism.errors import MergeError
from frism.files import atomic_directory
from frism.merging.change import RelativeChange
from frism.merging.origin import ModelHashes, check_origin, input_hashes
from frism.merging.sources import FileSources, MergeFiles
from frism.methods.matrix import ModelInputs
from frism.methods.method import Method
from frism.methods.registry import completed

Read = Callable[[str], torch.Tensor]


def merge_checkpoint(
    files: MergeFiles,
    method: Method,
    parameters: Mapping[str, Any],
    output: Path,
    shard_bytes: int = SHARD_BYTES,
) -> None:
    """Writes the merged model and its merge card to `output`, atomically.

    All tensors but the language model's linear matrices, and norms and biases where the method
    merges them, are the VLM's, and so are all other files of its directory; each tensor keeps the
    VLM's type.

    Raises:
        CheckpointError: the models do not fit each other.
        MergeError: wrong parameters, a method that is not defined for the pair, or files made from
            other models than the given ones.
    """
    sources, hashes = FileSources(files), ModelHashes.of(files)
    change = RelativeChange()
    read = merged_reader(sources, method, parameters, change, hashes)
    with atomic_directory(output) as directory:
        write_like(sources.vlm_checkpoint, directory, read, shard_bytes)
        weights = asdict(hashes) | {"merged": weights_hash(directory)}
        card = merge_card(
            weights,
            input_hashes(sources, method),
            sources.gates.metadata if method.learned else None,
            method.slug,
            parameters,
            change.value,
            tensor_fates(sources.vlm_checkpoint, sources.lrm_checkpoint, method.vectors),
            _notes(sources),
        )
        (directory / CARD_FILE).write_text(card, encoding="utf-8")


def merged_reader(
    sources: FileSources,
    method: Method,
    parameters: Mapping[str, Any],
    change: RelativeChange,
    hashes: ModelHashes,
) -> Read:
    """Returns a function from a name in the VLM's checkpoint to the merged tensor in its type.

    Args:
        sources: The tensors of the family.
        method: How they are merged.
        parameters: Its coefficients.
        change: Counts how far the merged tensors move.
        hashes: What the models' content is, to refuse files that were made from others.

    Raises:
        MergeError: as `merge_checkpoint`.
    """
    if reason := method.undefined(sources.files.given):
        raise MergeError(f"method '{method.slug}' {reason}")
    values, model = completed(method, parameters), ModelInputs(sources)
    check_origin(sources, method, values, hashes)

    def read(name: str) -> torch.Tensor:
        own = sources.vlm_checkpoint.tensor(name)
        canonical = merged_name(name, method)
        if canonical is None:
            return own
        merged = _in_type_of(own, method.merge(model.matrix(canonical), values), name, method)
        change.add(own, merged)
        return merged

    return read


def merged_name(name: str, method: Method) -> str | None:
    """Returns the canonical name of a tensor that the method merges, None where it stays."""
    return canonical_name(name) or (vector_name(name) if method.vectors else None)


def _in_type_of(own: torch.Tensor, merged: torch.Tensor, name: str, method: Method) -> torch.Tensor:
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
