"""Stacks of layers in a checkpoint: tensors whose names differ in a prefix before `layers.<n>.`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from frism.checkpoints.reader import Checkpoint

_STACK = re.compile(r"^(|.*?\.)layers\.(\d+)\.(.+)$")

# shape by layer and name within the layer
Signature = dict[tuple[int, str], tuple[int, ...]]


def stacks(checkpoint: Checkpoint) -> dict[str, Signature]:
    """Returns names and shapes of each stack of layers by its prefix."""
    found: dict[str, Signature] = {}
    for name, info in checkpoint.tensors.items():
        if match := _STACK.match(name):
            prefix, layer, rest = match.groups()
            found.setdefault(prefix, {})[int(layer), rest] = info.shape
    return found


def stack_of(checkpoint: Checkpoint, name: str) -> Signature:
    """Returns the stack that a tensor of a layer stands in."""
    match = _STACK.match(name)
    return stacks(checkpoint)[match.group(1)] if match else {}


def listed(found: Mapping[str, Signature]) -> str:
    """Returns the stacks in words."""
    layers = {prefix: 1 + max(layer for layer, _ in stack) for prefix, stack in found.items()}
    words = [f"{prefix}layers.* ({count} layers)" for prefix, count in sorted(layers.items())]
    return ", ".join(words) or "no layers.<number>.*"


def compared(found: Mapping[str, Signature], wanted: Signature) -> list[str]:
    """Returns a line for each stack: how many of the wanted tensors it has."""
    return [
        f"  {prefix}layers.*: {len(stack.keys() & wanted.keys())} of {len(wanted)} names and "
        f"{len(stack.items() & wanted.items())} shapes as in the causal LM"
        for prefix, stack in sorted(found.items())
    ]
