"""Batches of calibration examples: a seeded order, padding, answer tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch.nn.utils.rnn import pad_sequence

from frism.distillation.calibration import Example


@dataclass(frozen=True)
class Batch:
    """Examples padded on the right; a causal model's answers do not see what follows them.

    Args:
        embeddings: [b, tokens, hidden].
        positions: [3, b, tokens].
        predicts: True where the next token is an answer token, [b, tokens].
    """

    embeddings: torch.Tensor
    positions: torch.Tensor
    predicts: torch.Tensor


def collate(examples: Sequence[Example]) -> Batch:
    """Pads examples to the longest of them."""
    embeddings = pad_sequence([e.embeddings for e in examples], batch_first=True)
    positions = pad_sequence([e.positions.T for e in examples], batch_first=True)
    predicts = torch.zeros(embeddings.shape[:2], dtype=torch.bool, device=embeddings.device)
    for row, example in enumerate(examples):
        predicts[row, example.answer - 1 : len(example.embeddings) - 1] = True
    return Batch(embeddings, positions.permute(2, 0, 1), predicts)


def batch_indices(examples: int, batch_size: int, steps: int, seed: int) -> Iterator[list[int]]:
    """Yields the examples of each step: shuffled passes over all of them, from a seed of its own.

    A batch may reach from one pass into the next, so every batch is full.
    """
    generator = torch.Generator().manual_seed(seed)
    waiting: list[int] = []
    for _ in range(steps):
        while len(waiting) < batch_size:
            waiting += torch.randperm(examples, generator=generator).tolist()
        yield waiting[:batch_size]
        waiting = waiting[batch_size:]
