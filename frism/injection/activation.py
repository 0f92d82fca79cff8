"""From the raw numbers that are trained to the factors of the components."""

from __future__ import annotations

import torch

from frism.errors import MergeError

SIGMOID, IDENTITY, MASK = "sigmoid", "identity", "mask"
# Where training starts: sigmoid half open, as in FRISM (arXiv 2601.21187); all masks on, at the
# distance from their threshold of AdaRank's code (arXiv 2503.22178).
INITIAL = {SIGMOID: 0.0, IDENTITY: 0.0, MASK: 0.1}


def activate(raw: torch.Tensor, activation: str) -> torch.Tensor:
    """Returns the gate values of raw gates g, [gates].

    `sigmoid`: `1 / (1 + exp(-g))`; `identity`: g; `mask`: 1 where g > 0, else 0, with the gradient
    of the sigmoid passed straight through.

    Raises:
        MergeError: unknown activation.
    """
    if activation == IDENTITY:
        return raw
    if activation not in INITIAL:
        raise MergeError(f"unknown activation '{activation}'; expected one of {sorted(INITIAL)}")
    # float32 is rounded by the place in the vector, and merging has each group's gates alone
    soft = torch.sigmoid(raw.double()).to(raw)
    if activation == SIGMOID:
        return soft
    # the bracket is exactly 0, so the value is exactly 0 or 1
    return (raw > 0).to(soft) + (soft - soft.detach())
