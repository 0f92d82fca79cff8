"""Signs elected among task vectors, and what is left of those that agree (arXiv 2306.01708)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch


def disjoint_mean(vectors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Returns TIES' merged vector, the shape of one.

    Each entry's sign is that of the sum over the vectors; the mean is taken over the entries that
    have this sign. Where the sum is 0, nothing is elected and the result is 0.

    Args:
        vectors: k trimmed task vectors of the same shape.
    """
    elected = sum_of(vectors).sign()
    kept = [vector * agrees(vector, elected) for vector in vectors]
    voters = sum_of([(vector != 0).to(vector.dtype) for vector in kept])
    return sum_of(kept) / voters.clamp_min(1)


def disjoint_sum(vectors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Returns the sum over the entries that have the sign of the sum of all, as mergekit does.

    A sum of 0 elects the positive sign, as there.

    Args:
        vectors: k trimmed task vectors of the same shape, each times its weight.
    """
    elected = torch.copysign(torch.ones(()), sum_of(vectors))
    # in the direction of the elected sign what disagrees is below 0
    return sum_of([(vector * elected).relu_() for vector in vectors]).mul_(elected)


def agrees(vector: torch.Tensor, elected: torch.Tensor) -> torch.Tensor:
    """Returns which entries are not 0 and have the elected sign, bool of the same shape."""
    return vector * elected > 0


def sum_of(vectors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Returns the sum of tensors of one shape, at least two."""
    return reduce(torch.add, vectors)
