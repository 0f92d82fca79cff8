"""Batches of calibration examples: a seeded order, and packing without any padding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from frism.distillation.calibration import Example


@dataclass(frozen=True)
class Batch:
    """Examples one after the other in one row, shorter ones first.

    Args:
        members: Place of each example in what the batch was made of.
        embeddings: [1, tokens, hidden].
        positions: [3, 1, tokens].
        predicts: Places of the tokens whose next token is an answer token, int64 [answer tokens].
        lengths: Length and number of the examples of each length, in order.
    """

    members: tuple[int, ...]
    embeddings: torch.Tensor
    positions: torch.Tensor
    predicts: torch.Tensor
    lengths: tuple[tuple[int, int], ...]

    @property
    def owners(self) -> torch.Tensor:
        """Which of the batch's examples each token belongs to, int64 [tokens]."""
        sizes = [length for length, count in self.lengths for _ in range(count)]
        return torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))


def pack(examples: Sequence[Example], members: Sequence[int]) -> Batch:
    """Packs `examples[i]` for each i of `members`."""
    order = sorted(members, key=lambda i: len(examples[i].embeddings))
    chosen = [examples[i] for i in order]
    predicts: list[int] = []
    start = 0
    for example in chosen:
        end = start + len(example.embeddings)
        predicts += range(start + example.answer - 1, end - 1)
        start = end
    embeddings = torch.cat([example.embeddings for example in chosen])
    positions = torch.cat([example.positions for example in chosen], dim=1)
    return Batch(
        tuple(order),
        embeddings.unsqueeze(0),
        positions.unsqueeze(1),
        torch.tensor(predicts, device=embeddings.device),
        tuple(Counter(len(example.embeddings) for example in chosen).items()),
    )


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
