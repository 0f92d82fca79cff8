"""How far a merge moves the weights."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch


class RelativeChange:
    """`||W_merged - W_vlm||_F / ||W_vlm||_F` over all tensors that were added.

    Neither the order of the tensors nor the number of threads matters.
    """

    def __init__(self) -> None:
        self._moved: list[float] = []
        self._own: list[float] = []

    def add(self, own: torch.Tensor, merged: torch.Tensor) -> None:
        """Adds a tensor of the VLM, [m, n] or [m], and what it was merged into, of its type."""
        # float32 holds differences and rows of half types with digits to spare, and is quick
        wide = torch.float64 if own.dtype == torch.float32 else torch.float32
        first = own.to(wide)
        self._moved.append(_square(merged.to(wide).sub(first)))
        self._own.append(_square(first))

    def taken(self) -> dict[str, list[float]]:
        """Returns the squared norms so far, of the change and of the VLM, and starts anew."""
        sums = [math.fsum(self._moved), math.fsum(self._own)]
        self._moved, self._own = [], []
        return {"change": sums}

    @property
    def value(self) -> float:
        """The relative change so far; 0 where nothing was added."""
        return _ratio(math.fsum(self._moved), math.fsum(self._own))

    @classmethod
    def of(cls, taken: Iterable[list[float]]) -> float:
        """Returns the relative change over all parts that were taken."""
        parts = list(taken)
        return _ratio(*(math.fsum(part[i] for part in parts) for i in (0, 1)))


def _ratio(moved: float, own: float) -> float:
    return math.sqrt(moved / own) if own else 0.0


def _square(matrix: torch.Tensor) -> float:
    # the sum over a whole matrix would depend on how threads share it; a row has one thread
    rows = torch.linalg.vector_norm(matrix.reshape(len(matrix), -1), dim=1)
    return math.fsum(rows.double().square().tolist())
