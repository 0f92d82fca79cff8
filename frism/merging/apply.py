"""Merging a whole checkpoint, one tensor in memory at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch

from frism.checkpoints.card import CARD_FILE, merge_card, package_versions, tensor_fates
from frism.checkpoints.compatibility import match_vectors, notes
from frism.checkpoints.hashing import combined_hash, weights_hash
from frism.checkpoints.writer import write_like
from frism.config.digest import code_digest, modules_digest
from frism.errors import MergeError
from frism.files import refuse_foreign, resumable_directory, write_text
from frism.merging.change import RelativeChange
from frism.merging.origin import ModelHashes, check_origin, input_hashes, model_files
from frism.merging.sources import FileSources, MergeFiles
from frism.merging.tensor import merged_tensor
from frism.methods.matrix import ModelInputs
from frism.methods.method import Method
from frism.methods.registry import completed

Read = Callable[[str], torch.Tensor]


def merge_checkpoint(
    files: MergeFiles,
    method: Method,
    parameters: Mapping[str, Any],
    output: Path,
    hash_of: Callable[[Path], str] = weights_hash,
) -> None:
    """Writes the merged model and its merge card to `output`, atomically.

    All tensors but the language model's linear matrices, and norms and biases where the method
    merges them, are the VLM's, and so are all other files of its directory; shards and types are
    the VLM's, too. A merge that was cut short goes on at the shard.

    Models are read from mapped files and written tensor by tensor, so their size does not matter.
    Beside what the program itself takes, memory stays below 6 times the largest merged matrix in
    float32 for task arithmetic and learned gates, and below 9 times for other methods that look at
    one matrix at a time.

    Args:
        files: The models and what the method needs beside them.
        method: How they are merged.
        parameters: Its coefficients.
        output: Where the merged model goes.
        hash_of: Gives the hash of a model's weights, perhaps one that was begun earlier; it is
            asked for late.

    Raises:
        CheckpointError: the models do not fit each other.
        OutputError: `output` holds files that are no merged checkpoint.
        MergeError: wrong parameters, a method that is not defined for the pair, or files made from
            other models than the given ones.
    """
    refuse_foreign(output, CARD_FILE)
    sources, change = FileSources(files), RelativeChange()
    hashes = cache(partial(ModelHashes.of, files, hash_of))
    read = merged_reader(sources, method, parameters, change, hashes)
    inputs = input_hashes(sources, method)
    code = code_digest(method.slug), modules_digest(__package__ + ".tensor")
    # files, not their content: most merges begin before that is known
    models = model_files(files)
    origin = [method.slug, dict(parameters), models, inputs, package_versions(), code]
    with resumable_directory(output, _digest([*origin, *_places(sources)])) as directory:
        shards = write_like(sources.vlm_checkpoint, directory, read, change.taken)
        card = _card(sources, method, parameters, hashes(), inputs, shards)
        write_text(directory / CARD_FILE, card)


def merged_reader(
    sources: FileSources,
    method: Method,
    parameters: Mapping[str, Any],
    change: RelativeChange,
    hashes: Callable[[], ModelHashes],
) -> Read:
    """Returns a function from a name in the VLM's checkpoint to the merged tensor in its type.

    Args:
        sources: The tensors of the family.
        method: How they are merged.
        parameters: Its coefficients.
        change: Counts how far the merged tensors move.
        hashes: Says what the models' content is, to refuse files that were made from others.

    Raises:
        MergeError: as `merge_checkpoint`.
    """
    if reason := method.undefined(sources.files.given):
        raise MergeError(f"method '{method.slug}' {reason}")
    values, model = completed(method, parameters), ModelInputs(sources)
    check_origin(sources, method, values, hashes)
    if method.vectors:
        match_vectors(sources.vlm_model, sources.lrm_model)
    canonical = sources.vlm_model.canonical(method.vectors)

    def read(name: str) -> torch.Tensor:
        own = sources.vlm_checkpoint.tensor(name)
        if name not in canonical:
            return own
        return merged_tensor(canonical[name], own, model, method, values, change)

    return read


def pair_notes(sources: FileSources) -> list[str]:
    """Says in which settings LRM and base differ from the VLM."""
    vlm = sources.vlm_checkpoint
    lrm, base = sources.lrm_model.checkpoint, sources.base_model.checkpoint
    return notes(vlm, lrm, "the LRM") + notes(vlm, base, "the base")


def _card(
    sources: FileSources,
    method: Method,
    parameters: Mapping[str, Any],
    hashes: ModelHashes,
    inputs: Mapping[str, str],
    shards: Mapping[str, Mapping[str, Any]],
) -> str:
    """Returns the merge card of a checkpoint, given what was noted of its shards."""
    digests = {name: d for shard in shards.values() for name, d in shard["digests"].items()}
    return merge_card(
        hashes.by_role | {"merged": combined_hash(digests)},
        inputs,
        sources.gates.metadata if method.learned else None,
        method.slug,
        parameters,
        RelativeChange.of(shard["change"] for shard in shards.values()),
        tensor_fates(sources.vlm_model, sources.lrm_model, method.vectors),
        pair_notes(sources),
    )


def _places(sources: FileSources) -> list[dict[str, str]]:
    """Returns what is merged into which tensor and which file, for the same content of models."""
    vlm = sources.vlm_model
    files = {name: info.file.name for name, info in vlm.checkpoint.tensors.items()}
    return [dict(vlm.names), files]


def _digest(origin: list[Any]) -> str:
    return hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()
