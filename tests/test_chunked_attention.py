"""Attention in all chunks at once is attention in each of them."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from frism.evaluation.chunked_attention import NAME, attend_at_once, chunked_attention
from tests.vlm_answers import load_vlm
from tests.vlm_families import FAMILIES, FamilyMaker


@pytest.mark.parametrize("lengths", [[4, 4, 4], [3, 8, 3, 1, 8], [5], [2, 0, 2]])
def test_chunks_attend_to_themselves(lengths: list[int]) -> None:
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 1, 2, sum(lengths), 8).unbind()
    bounds = torch.tensor([0, *lengths]).cumsum(0)
    attended, weights = chunked_attention(
        torch.nn.Identity(), query, key, value, None, scaling=0.3, cu_seq_lens_q=bounds
    )
    parts = [torch.split(tensor, lengths, dim=2) for tensor in (query, key, value)]
    expected = [
        scaled_dot_product_attention(q, k, v, scale=0.3) for q, k, v in zip(*parts, strict=True)
    ]
    assert torch.equal(attended, torch.cat(expected, dim=2).transpose(1, 2))
    assert weights is None


@pytest.mark.parametrize("name", FAMILIES)
def test_towers_of_this_kind_use_it(name: str, families: FamilyMaker) -> None:
    model, _ = load_vlm(families(name).vlm)
    attend_at_once(model)
    parts = {
        module.config._attn_implementation == NAME
        for path, module in model.named_modules()
        if "vis" in path and hasattr(module, "config")
    }
    assert parts == {name.startswith("qwen")}
    assert model.get_decoder().config._attn_implementation == "sdpa"
