"""The language model on packed examples: attention stays within each, and nothing is padding.

Calibration questions differ in length by a factor of two, so of a padded batch two fifths would be
padding. Only attention has to know where examples end; all other layers see one long row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from frism.distillation.batches import Batch

NAME = "frism_packed"


def answer_logits(model: Any, batch: Batch) -> torch.Tensor:
    """Returns the logits that predict answer tokens, [tokens, vocabulary].

    The head is applied to those tokens alone: over a real vocabulary the rest would fill memory.
    """
    decoder = model.model.language_model
    with _packed_attention(decoder.config):
        hidden = decoder(
            inputs_embeds=batch.embeddings,
            position_ids=batch.positions,
            use_cache=False,
            packed_lengths=batch.lengths,
        ).last_hidden_state
    return model.lm_head(hidden[0, batch.predicts])  # type: ignore[no-any-return]


@contextmanager
def _packed_attention(config: Any) -> Iterator[None]:
    _register()
    before, config._attn_implementation = config._attn_implementation, NAME
    try:
        yield
    finally:
        config._attn_implementation = before


@cache
def _register() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface

    AttentionInterface.register(NAME, _attend)
    AttentionMaskInterface.register(NAME, lambda *arguments, **options: None)


def _attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: None,
    packed_lengths: tuple[tuple[int, int], ...],
    scaling: float,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each example, all examples of one length at a time.

    Args:
        module: The attention layer.
        query: [1, heads, tokens, d].
        key: [1, key-value heads, tokens, d].
        value: [1, key-value heads, tokens, d].
        attention_mask: None.
        packed_lengths: `Batch.lengths`.
        scaling: Factor of the scores.
        options: What only other implementations of attention need.

    Returns:
        [1, tokens, heads, d], and no attention weights.
    """
    sizes = [length * count for length, count in packed_lengths]
    parts = zip(*(torch.split(each[0], sizes, dim=1) for each in (query, key, value)), strict=True)
    attended = []
    for (length, count), part in zip(packed_lengths, parts, strict=True):
        # [heads, count * length, d] -> [count, heads, length, d]
        q, k, v = (each.unflatten(1, (count, length)).transpose(0, 1) for each in part)
        own = scaled_dot_product_attention(q, k, v, is_causal=True, scale=scaling, enable_gqa=True)
        attended.append(own.transpose(1, 2).flatten(0, 1))
    return torch.cat(attended).unsqueeze(0), None
