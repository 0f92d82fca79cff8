"""How far a merge moves the weights."""

from __future__ import annotations

import math

import torch


class RelativeChange:
    """`||W_merged - W_vlm||_F / ||W_vlm||_F` over all tensors that were added.

    Accumulated in float64; neither the order of the tensors nor the number of threads matters.
    """

    def __init__(self) -> None:
        self._moved: list[float] = []
        self._own: list[float] = []

    def add(self, own: torch.Tensor, merged: torch.Tensor) -> None:
        """Adds a tensor of the VLM, [m, n] or [m], and what it was merged into."""
        self._moved.append(_square(merged.double().sub_(own)))
        self._own.append(_square(own))

    @property
    def value(self) -> float:
        """The relative change so far."""
        return math.sqrt(math.fsum(self._moved) / math.fsum(self._own))


def _square(tensor: torch.Tensor) -> float:
    # the sum over a whole matrix would depend on how threads share it; a row has one thread
    matrix = tensor.reshape(len(tensor), -1)
    rows = torch.linalg.vector_norm(matrix, dim=1, dtype=torch.float64)
    return math.fsum(rows.square().tolist())
