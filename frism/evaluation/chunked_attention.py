"""Attention of vision towers that put the patches of all images in one row, as Qwen's do.

Patches attend within chunks: an image, or a window of one. Transformers hands chunks to flash
attention all at once, and to anything else one after the other, which for a batch of images means
thousands of calls in each layer. Here chunks of the same length are one call.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from itertools import pairwise
from typing import Any

import torch
import transformers

# what has flash in its name is given all chunks at once
NAME = "chunked_in_place_of_flash"


def attend_at_once(model: Any) -> None:
    """Lets the vision tower of `model`, if it is of this kind, attend in all its chunks at once."""
    transformers.AttentionInterface.register(NAME, chunked_attention)
    for module in model.modules():
        if "cu_seqlens" in inspect.signature(module.forward).parameters and hasattr(module, "qkv"):
            module.config._attn_implementation = NAME


def chunked_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: None,
    *,
    scaling: float,
    cu_seq_lens_q: torch.Tensor,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Returns attention within chunks, [1, n, h, d].

    Args:
        module: the layer that asks.
        query: [1, h, n, d] for h heads and n patches.
        key: [1, h, n, d].
        value: [1, h, n, d].
        attention_mask: there is none, each patch sees all of its chunk.
        scaling: of the products.
        cu_seq_lens_q: where chunks begin, and n, [chunks + 1].
        kwargs: what flash attention would be told.
    """
    bounds = cu_seq_lens_q.tolist()
    starts: dict[int, list[int]] = defaultdict(list)
    for start, end in pairwise(bounds):
        starts[end - start].append(start)
    attended = torch.empty_like(query[0].transpose(0, 1))  # [n, h, d]
    for length, begins in starts.items():
        if not length:
            continue
        begin = torch.tensor(begins, device=query.device)
        places = begin[:, None] + torch.arange(length, device=query.device)  # [c, l]
        q, k, v = (tensor[0][:, places].transpose(0, 1) for tensor in (query, key, value))
        found = torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=scaling)
        attended[places] = found.transpose(1, 2)  # [c, h, l, d] -> [c, l, h, d]
    return attended.unsqueeze(0), None
