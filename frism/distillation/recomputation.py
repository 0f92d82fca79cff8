"""Gradient checkpointing: a layer's activations are computed again in the backward pass, not kept.

Transformers does so in training mode alone, which would switch dropout on. Here only the layers
themselves are in that mode; the modules inside of them, which drop, stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from torch.utils.checkpoint import checkpoint

from frism.distillation.packed import packed_attention
from frism.errors import MergeError
from frism.injection.decoder import decoder

SETTINGS = ("gradient_checkpointing", "_gradient_checkpointing_func", "training")


@contextmanager
def recomputed(model: Any, wanted: bool = True) -> Iterator[None]:
    """Keeps no activations inside the decoder's layers for the duration of the block.

    Backward passes belong into the block, too: they run the layers once more.

    Args:
        model: A VLM.
        wanted: If not, nothing is changed.

    Raises:
        MergeError: the layers of the decoder are none that transformers can recompute.
    """
    text: Any = decoder(model)
    layers = list(text.layers) if wanted else []
    for layer in layers:
        _check(layer)
    before = [{name: vars(layer).get(name) for name in SETTINGS} for layer in layers]
    for layer in layers:
        layer.gradient_checkpointing = True
        layer._gradient_checkpointing_func = partial(checkpoint, use_reentrant=False)
        layer.training = True
    try:
        with packed_attention(text):
            yield
    finally:
        for layer, settings in zip(layers, before, strict=True):
            vars(layer).update(settings)


def _check(layer: Any) -> None:
    from transformers.modeling_layers import GradientCheckpointingLayer

    if not isinstance(layer, GradientCheckpointingLayer):
        raise MergeError(
            f"{type(layer).__name__} cannot be recomputed by transformers; expected a "
            "GradientCheckpointingLayer: set distillation.gradient_checkpointing to false"
        )
