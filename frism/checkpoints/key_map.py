"""Where a checkpoint keeps its language model: from names in its files to canonical names.

A causal LM's files carry `model.layers.*`. A VLM's carry the same tensors below a prefix of its
own, beside a vision tower or a resampler whose layers look alike. The prefix is taken from a table
of families by `model_type` and checked against the tensors; for an unknown family it is found from
the tensors alone, as the one stack of layers that has the matrices of the causal LM's. Where that
leaves no or several stacks, the user names it by a `key_map`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from frism.checkpoints.names import in_order, is_matrix, is_vector
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.stacks import Stack, count_layers, described, listed, stacks
from frism.errors import CheckpointError

KeyMap = Mapping[str, str]

# of a causal LM's layers
CANONICAL = "model."
# Prefixes of the language model in files, those of the hub first, then those of objects in memory.
_QWEN = ("model.language_model.", "model.")
_LLAVA = ("language_model.model.", "model.language_model.")
_IDEFICS = ("model.text_model.",)
PREFIXES = {
    "qwen2_vl": _QWEN,
    "qwen2_5_vl": _QWEN,
    "qwen3_vl": _QWEN,
    "llava": _LLAVA,
    "llava_next": _LLAVA,
    "llava_onevision": _LLAVA,
    "internvl": _LLAVA,
    "idefics2": _IDEFICS,
    "idefics3": _IDEFICS,
    "smolvlm": _IDEFICS,
}


@dataclass(frozen=True)
class LanguageModel:
    """The language model inside a checkpoint.

    Args:
        checkpoint: The checkpoint.
        names: Canonical name to the name in the checkpoint, for all tensors of the language
            model's layers and its last norm.
        found: How the names were found, in words.
    """

    checkpoint: Checkpoint
    names: Mapping[str, str]
    found: str

    @cached_property
    def matrices(self) -> dict[str, str]:
        """Canonical name of each linear matrix to its name in the checkpoint, in layer order."""
        return {n: own for n, own in self.names.items() if is_matrix(n, self._shape(own))}

    @cached_property
    def vectors(self) -> dict[str, str]:
        """Canonical name of each norm and bias to its name in the checkpoint, in layer order."""
        return {n: own for n, own in self.names.items() if is_vector(n, self._shape(own))}

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Canonical name of each linear matrix to its shape, in layer order."""
        return {name: self._shape(own) for name, own in self.matrices.items()}

    def canonical(self, vectors: bool) -> dict[str, str]:
        """Returns the canonical names of matrices, and of vectors if asked, by their own names."""
        chosen = self.matrices | (self.vectors if vectors else {})
        return {own: canonical for canonical, own in chosen.items()}

    def _shape(self, own: str) -> tuple[int, ...]:
        return self.checkpoint.info(own).shape


def causal_lm(checkpoint: Checkpoint) -> LanguageModel:
    """Finds the language model of a base or an LRM, which may be a VLM of a known family.

    Raises:
        CheckpointError: there is none, or more than one stack of layers and none is `model.layers`.
    """
    if known := _by_family(checkpoint):
        return known
    found = stacks(checkpoint)
    if CANONICAL in found:
        return _below(checkpoint, CANONICAL, "the name of a causal LM's layers")
    if len(found) != 1:
        raise CheckpointError(
            f"{checkpoint.directory} has {listed(found)}; expected the layers of one causal LM "
            "(model.layers.*): give a text model as base and LRM"
        )
    return _below(checkpoint, next(iter(found)), "the only stack of layers")


def language_model(
    checkpoint: Checkpoint, partner: LanguageModel, key_map: KeyMap | None = None
) -> LanguageModel:
    """Finds the language model of a VLM.

    Args:
        checkpoint: The VLM.
        partner: A causal LM of the same architecture, such as the LRM.
        key_map: Regular expressions and what they are replaced by, applied in order to each name
            of the VLM; the results that are canonical names are its language model. None: found
            from configuration and tensors.

    Raises:
        CheckpointError: it cannot be told which stack of layers it is.
    """
    if key_map:
        return _renamed(checkpoint, key_map)
    if known := _by_family(checkpoint):
        return known
    found = stacks(checkpoint)
    alike = [prefix for prefix, stack in found.items() if stack == partner.shapes]
    if len(alike) != 1:
        raise CheckpointError(_asks_for_key_map(checkpoint, partner, found))
    return _below(checkpoint, alike[0], "by names and shapes of its layers")


def _by_family(checkpoint: Checkpoint) -> LanguageModel | None:
    kind = str(checkpoint.config.get("model_type"))
    for prefix in PREFIXES.get(kind, ()):
        if any(name.startswith(f"{prefix}layers.0.") for name in checkpoint.tensors):
            return _below(checkpoint, prefix, f"by its family, {kind}")
    return None


def _below(checkpoint: Checkpoint, prefix: str, found: str) -> LanguageModel:
    inside = {
        f"model.{name.removeprefix(prefix)}": name
        for name in checkpoint.tensors
        if name.startswith((f"{prefix}layers.", f"{prefix}norm."))
    }
    return _ordered(checkpoint, inside, f"{prefix}layers.*, {found}")


def _renamed(checkpoint: Checkpoint, key_map: KeyMap) -> LanguageModel:
    inside: dict[str, str] = {}
    for name in checkpoint.tensors:
        new = name
        for pattern, replacement in key_map.items():
            new = re.sub(pattern, replacement, new)
        if new.startswith(("model.layers.", "model.norm.")):
            if new in inside:
                raise CheckpointError(
                    f"key_map gives '{name}' and '{inside[new]}' of {checkpoint.directory} the "
                    f"same name '{new}'; expected one: anchor its patterns with ^"
                )
            inside[new] = name
    found = _ordered(checkpoint, inside, "by the pair's key_map")
    if not found.matrices:
        raise CheckpointError(
            f"key_map {dict(key_map)} finds no matrix of {checkpoint.directory}; expected patterns "
            "that turn its names into model.layers.<number>.<block>.<projection>.weight, it has "
            f"{listed(stacks(checkpoint))}, and {next(iter(checkpoint.tensors), 'no tensor')}"
        )
    return found


def _ordered(checkpoint: Checkpoint, inside: Mapping[str, str], found: str) -> LanguageModel:
    return LanguageModel(checkpoint, {name: inside[name] for name in in_order(inside)}, found)


def _asks_for_key_map(
    checkpoint: Checkpoint, partner: LanguageModel, found: Mapping[str, Stack]
) -> str:
    kind, wanted = checkpoint.config.get("model_type"), partner.shapes
    nothing = [f"  no layers.<number>.*, but {next(iter(checkpoint.tensors), 'no tensor')}"]
    return "\n".join(
        [
            f"cannot tell where {checkpoint.directory} (model_type {kind}) keeps its language "
            f"model; expected one stack of layers with the {len(wanted)} matrices in "
            f"{count_layers(wanted)} layers of {partner.checkpoint.directory}, found",
            *(described(found, wanted) or nothing),
            "name it in the pair's YAML, for example key_map: {'^text_model\\.': 'model.'}: "
            "patterns and replacements that turn its names into model.layers.<number>.*",
        ]
    )
