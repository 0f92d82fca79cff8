"""The language model on packed examples: attention stays within each, and nothing is padding.

Calibration questions differ in length by a factor of two, so of a padded batch two fifths would be
padding. Only attention has to know where examples end; all other layers see one long row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from frism.distillation.batches import Batch
from frism.distillation.examples import DEEPSTACK
from frism.errors import MergeError
from frism.injection.decoder import decoder

NAME = "frism_packed"
# attention that is more than a softmax over scaled products: capped scores, sinks
UNSUPPORTED = ("softcap", "s_aux")


def answer_logits(model: Any, batch: Batch) -> torch.Tensor:
    """Returns the logits that predict answer tokens, [tokens, vocabulary].

    The head is applied to those tokens alone: over a real vocabulary the rest would fill memory.
    Half precision has too few digits for a divergence, so its logits come in float32.
    """
    text = decoder(model)
    batch = batch.to(model.get_input_embeddings().weight.device)
    with packed_attention(text):
        hidden = text(
            inputs_embeds=batch.embeddings,
            # decoders with one row of positions know no dimension for it
            position_ids=batch.positions if len(batch.positions) > 1 else batch.positions[0],
            use_cache=False,
            packed_lengths=batch.lengths,
            **_as_given(batch.extras),
        ).last_hidden_state
    logits: torch.Tensor = model.get_output_embeddings()(
        hidden[0, batch.predicts.to(hidden.device)]
    )
    return logits if logits.dtype == torch.float64 else logits.float()


def _as_given(extras: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """Returns further inputs in the form in which the model's own forward gives them."""
    return {
        name: list(value.unbind(1)) if name == DEEPSTACK else value.unsqueeze(0)
        for name, value in extras.items()
    }


@contextmanager
def packed_attention(text: Any) -> Iterator[None]:
    """Keeps attention of a decoder within each example for the duration of the block."""
    _register()
    config = text.config
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
    sliding_window: int | None = None,
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
        sliding_window: How many tokens up to its own each token sees; None: all.
        options: What only other implementations of attention need.

    Returns:
        [1, tokens, heads, d], and no attention weights.

    Raises:
        MergeError: the model's attention is none that is computed here.
    """
    _check_options(module, options)
    sizes = [length * count for length, count in packed_lengths]
    parts = zip(*(torch.split(each[0], sizes, dim=1) for each in (query, key, value)), strict=True)
    attended = []
    for (length, count), part in zip(packed_lengths, parts, strict=True):
        # [heads, count * length, d] -> [count, heads, length, d]
        q, k, v = (each.unflatten(1, (count, length)).transpose(0, 1) for each in part)
        mask = _window(length, sliding_window, query.device)
        own = scaled_dot_product_attention(
            q, k, v, attn_mask=mask, is_causal=mask is None, scale=scaling, enable_gqa=True
        )
        attended.append(own.transpose(1, 2).flatten(0, 1))
    return torch.cat(attended).unsqueeze(0), None


def _window(length: int, sliding_window: int | None, device: torch.device) -> torch.Tensor | None:
    """Returns what a token may see, [length, length]; None where that is all before it."""
    if sliding_window is None or length <= sliding_window:
        return None
    seen = torch.ones(length, length, dtype=torch.bool, device=device).tril()
    return seen.triu(1 - sliding_window)


def _check_options(module: Any, options: Mapping[str, Any]) -> None:
    for name in UNSUPPORTED:
        if options.get(name) is not None:
            raise MergeError(
                f"{type(module).__name__} computes attention with '{name}'; expected a softmax "
                "over scaled products: this family of VLM is not supported"
            )
