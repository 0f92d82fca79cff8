"""How far a merge moves the weights."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch

# entries that are in memory in a wide type at a time
BLOCK = 2**18


class RelativeChange:
    """`||W_merged - W_vlm||_F / ||W_vlm||_F` over all tensors that were added.

    Neither the order of the tensors nor the number of threads matters.
    """

    def __init__(self) -> None:
        self._moved: list[float] = []
        self._own: list[float] = []

    def add(self, own: torch.Tensor, merged: torch.Tensor) -> float:
        """Adds a tensor, [m, n] or [m].

        Args:
            own: The VLM's.
            merged: What it was merged into, in the type in which it is stored.

        Returns:
            The squared norm of its change.
        """
        # float32 holds differences and rows of half types with digits to spare, and is quick
        wide = torch.float32 if merged.dtype.itemsize == 2 else torch.float64
        parts = []
        for ours, theirs in zip(_blocks(own), _blocks(merged), strict=True):
            first = ours.to(wide)
            parts.append(_square(theirs.to(wide, copy=True).sub_(first)))
            self._own.append(_square(first))
        moved = math.fsum(parts)
        self._moved.append(moved)
        return moved

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


def _blocks(tensor: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Cuts a tensor into blocks of rows, so that no wide copy of all of it is made."""
    rows = tensor.reshape(len(tensor), -1)
    return torch.split(rows, max(1, BLOCK // rows.shape[1]))


def _square(rows: torch.Tensor) -> float:
    # the sum over a whole matrix would depend on how threads share it; a row has one thread
    norms = torch.linalg.vector_norm(rows, dim=1)
    return math.fsum(norms.double().square().tolist())
