"""Whether base, LRM and VLM fit each other: what stops a merge, and what a reader must know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frism.checkpoints.key_map import LanguageModel
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.tensor_info import TensorInfo
from frism.errors import CheckpointError

# transformers' default where a configuration does not say
DEFAULT_ROPE_THETA = 10_000.0


@dataclass(frozen=True)
class Match:
    """How the linear matrices of two language models pair up, by canonical name.

    Args:
        matched: Names that both have, with equal shapes.
        mismatched: Names that both have, with the shape in the one and in the other.
        missing: Names that only the first has.
        extra: Names that only the second has.
    """

    matched: tuple[str, ...]
    mismatched: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def compare_matrices(one: LanguageModel, other: LanguageModel) -> Match:
    """Pairs the linear matrices of two language models."""
    shapes = {
        name: (_info(one, name).shape, _info(other, name).shape)
        for name in one.matrices
        if name in other.matrices
    }
    return Match(
        tuple(name for name, (ours, theirs) in shapes.items() if ours == theirs),
        {name: both for name, both in shapes.items() if both[0] != both[1]},
        tuple(name for name in one.matrices if name not in other.matrices),
        tuple(name for name in other.matrices if name not in one.matrices),
    )


def match_matrices(one: LanguageModel, other: LanguageModel) -> tuple[str, ...]:
    """Returns the canonical names of the matrices of two models that fit, in layer order.

    Raises:
        CheckpointError: a partner is missing, or two shapes differ; the message names the tensor,
            both files and both shapes.
    """
    found = compare_matrices(one, other)
    for names, there, absent in ((found.missing, one, other), (found.extra, other, one)):
        if names:
            raise CheckpointError(
                f"tensor '{names[0]}' of {_place(there, names[0])} has no partner in "
                f"{absent.checkpoint.directory} ({len(names)} such tensors); both models must have "
                "the same architecture"
            )
    for name, (ours, theirs) in found.mismatched.items():
        raise CheckpointError(
            f"tensor '{name}' has shape {list(ours)} in {_place(one, name)} but {list(theirs)} in "
            f"{_place(other, name)}; both models must have the same architecture"
        )
    if not found.matched:
        raise CheckpointError(
            f"{one.checkpoint.directory} has no language-model matrices "
            "(model.layers.<number>.*.weight); expected a causal LM or VLM of transformers"
        )
    return found.matched


def match_vectors(vlm: LanguageModel, other: LanguageModel) -> None:
    """Checks that a model has the norms and biases of the VLM, for methods that merge them.

    Raises:
        CheckpointError: one is missing or has another shape.
    """
    for name in vlm.vectors:
        found = list(_info(other, name).shape) if name in other.names else "no partner"
        expected = list(_info(vlm, name).shape)
        if found != expected:
            raise CheckpointError(
                f"tensor '{name}' has shape {expected} in {_place(vlm, name)} but {found} in "
                f"{other.checkpoint.directory}; this method merges norms and biases, so both "
                "models must have the same ones: leave the method out for this pair"
            )


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


def _info(model: LanguageModel, name: str) -> TensorInfo:
    return model.checkpoint.info(model.names[name])


def _place(model: LanguageModel, name: str) -> str:
    own, file = model.names[name], _info(model, name).file
    return str(file) if own == name else f"{file} (there '{own}')"


def _traits(checkpoint: Checkpoint) -> dict[str, Any]:
    text = text_config(checkpoint.config)
    rope = text.get("rope_parameters") or {}
    return {
        "rope theta": rope.get("rope_theta", text.get("rope_theta", DEFAULT_ROPE_THETA)),
        "rope scaling": _scaling(rope or text.get("rope_scaling") or {}),
        "attention heads": text.get("num_attention_heads"),
        "key-value heads": text.get("num_key_value_heads", text.get("num_attention_heads")),
        "vocabulary size": text.get("vocab_size", checkpoint.config.get("vocab_size")),
        # configurations keep the switch in several places, the tensors do not lie
        "tied embeddings": not _has_head(checkpoint),
    }


def _scaling(rope: Mapping[str, Any]) -> str:
    kind = rope.get("rope_type", rope.get("type", "default"))
    # positions in three dimensions are the VLM's own, and for text the usual ones
    plain = kind in ("default", "mrope")
    return "none" if plain else f"{kind} of factor {rope.get('factor')}"


def _has_head(checkpoint: Checkpoint) -> bool:
    return any("lm_head" in name for name in checkpoint.tensors)
