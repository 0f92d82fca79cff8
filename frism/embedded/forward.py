"""Losses and exact-match accuracies of packed batches through a language model or a VLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from frism.embedded import vocabulary as v
from frism.embedded.examples import Example
from frism.embedded.packing import IGNORED, Batch, pack

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CHECKED = 100  # examples checked at a time


def logits_at_labels(model: PreTrainedModel, batch: Batch) -> tuple[Tensor, Tensor]:
    """Runs `model` on `batch`.

    Returns:
        Logits [labels, vocabulary] and token ids [labels] of the words that carry loss.
    """
    embeddings = model.get_input_embeddings()(batch.ids)
    decoder, positions = model.model, batch.positions[0]
    if hasattr(decoder, "visual"):
        positions = batch.positions
        if batch.patches is not None:
            embeddings = _with_images(decoder.visual, embeddings, batch)
        decoder = decoder.language_model
    hidden = decoder(
        inputs_embeds=embeddings, attention_mask=batch.mask, position_ids=positions, use_cache=False
    ).last_hidden_state
    learned = batch.labels[:, 1:] != IGNORED
    return model.lm_head(hidden[:, :-1][learned]), batch.labels[:, 1:][learned]


def visual_tokens(tower: torch.nn.Module, patches: Tensor | None, grid: Tensor | None) -> Tensor:
    """Returns the image words [i, hidden] that the vision tower makes of `patches` [4 i, 48]."""
    return tower(patches, grid_thw=grid).pooler_output  # type: ignore[no-any-return]


def _with_images(tower: torch.nn.Module, embeddings: Tensor, batch: Batch) -> Tensor:
    tokens = visual_tokens(tower, batch.patches, batch.grid)
    places = (batch.ids == v.TOKEN_ID[v.IMAGE]).unsqueeze(-1).expand_as(embeddings)
    return embeddings.masked_scatter(places, tokens)


def loss(model: PreTrainedModel, batch: Batch) -> Tensor:
    """Returns the mean cross entropy of the words that carry loss."""
    return functional.cross_entropy(*logits_at_labels(model, batch))


@torch.no_grad()
def accuracy(model: PreTrainedModel, examples: list[Example]) -> float:
    """Returns the share of examples whose whole answer greedy decoding gives.

    All words are checked given the right ones before them, which is the same as decoding: the
    first wrong word ends both.
    """
    right = [exact_match(model, pack([[e] for e in chunk])) for chunk in _chunks(examples)]
    # a ratio of whole numbers: a float32 mean of 475 in 500 lies below 0.95
    return sum(int(each.sum()) for each in right) / len(examples)


def exact_match(model: PreTrainedModel, batch: Batch) -> Tensor:
    """Returns for each row of `batch` whether all words that carry loss are right [b], bool."""
    logits, labels = logits_at_labels(model, batch)
    row = (batch.labels[:, 1:] != IGNORED).nonzero()[:, 0]
    wrong = torch.bincount(row, weights=(logits.argmax(-1) != labels).double())
    return wrong == 0


def _chunks(examples: list[Example]) -> list[list[Example]]:
    return [examples[k : k + CHECKED] for k in range(0, len(examples), CHECKED)]
