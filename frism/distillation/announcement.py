"""What a training of gates is about to do, said before it starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from frism.distillation.examples import Example
from frism.distillation.schedule import Schedule
from frism.injection.gates import Injection

GB = 10**9


def announcement(
    model: Any, injection: Injection, examples: Sequence[Example], schedule: Schedule
) -> str:
    """Returns which path each kind of layer takes for a part of a batch, and where memory goes.

    Args:
        model: The injected VLM.
        injection: Its gates.
        examples: All calibration examples.
        schedule: How gates are trained.
    """
    mean = sum(len(example.embeddings) for example in examples) / len(examples)
    tokens = round(mean * max(1, schedule.batch_size // schedule.accumulation))
    factors = (
        part
        for layer in injection.layers.values()
        for part in (layer.components.subspace.u, layer.components.subspace.vh)
    )
    lines = [
        f"model: {_memory(model.parameters())}",
        f"U and Vh: {_memory(factors)}",
        f"examples: {_memory(example.embeddings for example in examples)}, {mean:.0f} tokens each",
        f"{injection.raw.numel()} gates, {str(injection.raw.dtype).removeprefix('torch.')}",
    ]
    return "; ".join(lines) + "\n" + injection.describe(tokens)


def _memory(tensors: Iterable[torch.Tensor]) -> str:
    """Returns size, types and devices of some tensors."""
    size, kinds = 0, set()
    for tensor in tensors:
        size += tensor.numel() * tensor.itemsize
        kinds.add(f"{str(tensor.dtype).removeprefix('torch.')} on {tensor.device}")
    return f"{size / GB:.3g} GB, {', '.join(sorted(kinds))}"
