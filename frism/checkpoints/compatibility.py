"""Whether base, LRM and VLM fit each other: what stops a merge, and what a reader must know."""

from __future__ import annotations

from typing import Any

from frism.checkpoints.names import matrix_names
from frism.checkpoints.reader import Checkpoint
from frism.errors import CheckpointError

# transformers' default where a configuration does not say
DEFAULT_ROPE_THETA = 10_000.0


def match_matrices(source: Checkpoint, target: Checkpoint) -> dict[str, tuple[str, str]]:
    """Pairs the language-model matrices of two checkpoints.

    Args:
        source: The checkpoint whose matrices are needed, for example the base.
        target: The checkpoint that must have a partner of the same shape for each of them.

    Returns:
        Canonical name to (name in `source`, name in `target`), in layer order.

    Raises:
        CheckpointError: a partner is missing, or two shapes differ; the message names the tensor,
            both files and both shapes.
    """
    ours, theirs = matrix_names(source.tensors), matrix_names(target.tensors)
    if not ours:
        raise CheckpointError(
            f"{source.directory} has no language-model matrices (model.layers.*_proj.weight); "
            "expected a Qwen2-like causal LM or VLM"
        )
    for missing, there, absent in (
        (sorted(set(ours) - set(theirs)), source, target),
        (sorted(set(theirs) - set(ours)), target, source),
    ):
        if missing:
            raise CheckpointError(
                f"tensor '{missing[0]}' of {there.directory} has no partner in {absent.directory} "
                f"({len(missing)} such tensors); both models must have the same architecture"
            )
    for canonical in ours:
        _check_shapes(canonical, source, ours[canonical], target, theirs[canonical])
    return {canonical: (ours[canonical], theirs[canonical]) for canonical in ours}


def notes(vlm: Checkpoint, other: Checkpoint, role: str) -> list[str]:
    """Names the settings in which `other` differs from the VLM, although the shapes match.

    A merge always keeps the VLM's own rope, vocabulary, embeddings and head; a task vector that was
    learned under other settings may fit them less well.
    """
    ours, theirs = _traits(vlm), _traits(other)
    return [
        f"{role} has {trait} {theirs[trait]}, the VLM {ours[trait]}; the VLM's is kept"
        for trait in ours
        if ours[trait] != theirs[trait]
    ]


def text_config(config: dict[str, Any]) -> dict[str, Any]:
    """Returns the language model's part of a configuration, flat (old) or nested (new)."""
    nested = config.get("text_config")
    return nested if isinstance(nested, dict) else config


def _check_shapes(canonical: str, a: Checkpoint, name_a: str, b: Checkpoint, name_b: str) -> None:
    one, other = a.info(name_a), b.info(name_b)
    if one.shape != other.shape:
        raise CheckpointError(
            f"tensor '{canonical}' has shape {list(one.shape)} in {one.file} but "
            f"{list(other.shape)} in {other.file}; both models must have the same architecture"
        )


def _traits(checkpoint: Checkpoint) -> dict[str, Any]:
    text = text_config(checkpoint.config)
    rope = text.get("rope_parameters") or {}
    return {
        "rope theta": rope.get("rope_theta", text.get("rope_theta", DEFAULT_ROPE_THETA)),
        "vocabulary size": text.get("vocab_size", checkpoint.config.get("vocab_size")),
        "tied embeddings": checkpoint.config.get(
            "tie_word_embeddings", text.get("tie_word_embeddings", False)
        ),
    }
