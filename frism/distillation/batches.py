"""Batches of calibration examples: a seeded order, and packing without any padding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from frism.distillation.examples import Example, concatenate


@dataclass(frozen=True)
class Batch:
    """Examples one after the other in one row, shorter ones first.

    Args:
        members: Place of each example in what the batch was made of.
        embeddings: [1, tokens, hidden].
        positions: [k, 1, tokens].
        predicts: Places of the tokens whose next token is an answer token, int64 [answer tokens].
        lengths: Length and number of the examples of each length, in order.
        extras: Further inputs of the decoder, see `Example`.
    """

    members: tuple[int, ...]
    embeddings: torch.Tensor
    positions: torch.Tensor
    predicts: torch.Tensor
    lengths: tuple[tuple[int, int], ...]
    extras: Mapping[str, torch.Tensor]

    @property
    def owners(self) -> torch.Tensor:
        """Which of the batch's examples each token belongs to, int64 [tokens]."""
        sizes = [length for length, count in self.lengths for _ in range(count)]
        return torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))

    def to(self, device: torch.device) -> Batch:
        """Returns the batch on another device."""
        return replace(
            self,
            embeddings=self.embeddings.to(device),
            positions=self.positions.to(device),
            predicts=self.predicts.to(device),
            extras={name: value.to(device) for name, value in self.extras.items()},
        )


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
    embeddings, positions, extras = concatenate(chosen)
    return Batch(
        tuple(order),
        embeddings.unsqueeze(0),
        positions.unsqueeze(1),
        torch.tensor(predicts, device=embeddings.device),
        tuple(Counter(len(example.embeddings) for example in chosen).items()),
        extras,
    )


def parts(examples: Sequence[Example], members: Sequence[int], count: int) -> list[list[int]]:
    """Splits the examples of a batch into parts of about as many tokens each.

    Args:
        examples: All examples.
        members: Which of them belong to the batch.
        count: Number of parts; fewer where the batch has fewer examples.
    """
    order = sorted(members, key=lambda i: len(examples[i].embeddings))
    return [order[start::count] for start in range(min(count, len(order)))]


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
