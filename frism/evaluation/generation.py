"""Greedy answers to a batch of encoded prompts; a row that has ended leaves the batch."""

from __future__ import annotations

from typing import Any

import torch
import transformers

from frism.evaluation.prompts import Prompts

UNUSED = -1


@torch.inference_mode()
def generate(model: Any, prompts: Prompts, end_tokens: torch.Tensor, limit: int) -> list[list[int]]:
    """Returns the generated tokens of each row, up to and with its end token.

    `transformers.generate` runs every row until the last one of the batch has ended, and takes no
    prompts with image features. Its penalties and sampling have no part here: each token is the
    one with the highest logit.

    Args:
        model: a causal language model of transformers.
        prompts: b prompts.
        end_tokens: tokens that end an answer, int64.
        limit: longest answer in tokens.
    """
    tokens = torch.full((len(prompts.embeddings), limit), UNUSED)
    rows, mask, place = torch.arange(len(tokens)), prompts.mask, prompts.next
    cache = transformers.DynamicCache(config=model.config.get_text_config())
    state = {"inputs_embeds": prompts.embeddings, "position_ids": prompts.positions}
    for step in range(limit):
        chosen = _best(model, state, mask, cache)
        tokens[rows, step] = chosen
        going = torch.isin(chosen, end_tokens, invert=True).nonzero().squeeze(1)
        if not len(going):
            break
        if len(going) < len(rows):
            rows, mask, place, chosen = rows[going], mask[going], place[going], chosen[going]
            cache.batch_select_indices(going)
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
        state = {"input_ids": chosen[:, None], "position_ids": prompts.shaped(place[:, None])}
        place = place + 1
    return [[token for token in row if token != UNUSED] for row in tokens.tolist()]


def _best(
    model: Any,
    state: dict[str, torch.Tensor],
    mask: torch.Tensor,
    cache: transformers.DynamicCache,
) -> torch.Tensor:
    outputs = model(
        **state, attention_mask=mask, past_key_values=cache, use_cache=True, logits_to_keep=1
    )
    best: torch.Tensor = outputs.logits[:, -1].argmax(dim=-1)
    return best
