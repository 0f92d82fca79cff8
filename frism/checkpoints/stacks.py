"""Stacks of layers in a checkpoint: matrices whose names differ in a prefix before `layers.<n>.`.

A VLM has several: of its language model, of its vision tower, of a resampler. They are compared
with a causal LM by their linear matrices alone, since a merge asks for no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from frism.checkpoints.names import is_matrix, layer_of
from frism.checkpoints.reader import Checkpoint

_STACK = re.compile(r"^(|.*?\.)(layers\.\d+\..+)$")

# shape of each linear matrix by its name as if the prefix were `model.`
Stack = Mapping[str, tuple[int, ...]]


def stacks(checkpoint: Checkpoint) -> dict[str, Stack]:
    """Returns each stack of layers by its prefix."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, info in checkpoint.tensors.items():
        if match := _STACK.match(name):
            prefix, canonical = match[1], f"model.{match[2]}"
            if is_matrix(canonical, info.shape):
                found.setdefault(prefix, {})[canonical] = info.shape
    return dict(found)


def described(found: Mapping[str, Stack], wanted: Stack) -> list[str]:
    """Returns a line for each stack: how much of the wanted one it has."""
    return [f"  {prefix}layers.*: {_compared(found[prefix], wanted)}" for prefix in sorted(found)]


def listed(found: Mapping[str, Stack]) -> str:
    """Returns the stacks in words."""
    words = [f"{prefix}layers.* ({count_layers(each)} layers)" for prefix, each in found.items()]
    return ", ".join(sorted(words)) or "no layers.<number>.*"


def count_layers(stack: Stack) -> int:
    """Returns the number of layers that have matrices."""
    return len({layer_of(name) for name in stack})


def _compared(stack: Stack, wanted: Stack) -> str:
    shared = [name for name in wanted if name in stack]
    other = [name for name in shared if stack[name] != wanted[name]]
    words = (
        f"{len(stack)} matrices in {count_layers(stack)} layers, {len(shared)} of the names and "
        f"{len(shared) - len(other)} of the shapes wanted"
    )
    if not other:
        return words
    name = other[0]
    return f"{words}; {name} is {list(stack[name])}, not {list(wanted[name])}"
