"""Encoded questions: what the first layer of a model is given, and a memory for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

# prompts beyond that are encoded anew for each model
MEMORY_BYTES = 2**30


@dataclass(frozen=True)
class Prompts:
    """b prompts, padded on the left to length l.

    Attributes:
        embeddings: [b, l, n], image features in their places.
        mask: [b, l], 0 where padded, int64.
        positions: of the rotary embedding, [b, l], or [3, b, l] for time, height and width.
        next: position of the first token of the answer, [b].
    """

    embeddings: torch.Tensor
    mask: torch.Tensor
    positions: torch.Tensor
    next: torch.Tensor

    def shaped(self, positions: torch.Tensor) -> torch.Tensor:
        """Returns positions of text, [b, t], in as many dimensions as those of the prompts."""
        return positions.expand(*self.positions.shape[:-2], *positions.shape)

    @property
    def bytes(self) -> int:
        """Memory of the embeddings, which is nearly all of it."""
        return self.embeddings.nbytes


class PromptMemory:
    """Encoded batches of one list of questions, for further models that take them in alike."""

    def __init__(self, limit: int = MEMORY_BYTES) -> None:
        self._room = limit
        self._known: dict[tuple[str, tuple[int, ...]], Prompts] = {}

    @property
    def batches(self) -> int:
        """How many batches it holds."""
        return len(self._known)

    def get(self, key: str, batch: Sequence[int], make: Callable[[], Prompts]) -> Prompts:
        """Returns the prompts of the questions `batch`, made once for a key if they fit."""
        place = (key, tuple(batch))
        if place in self._known:
            return self._known[place]
        prompts = make()
        if prompts.bytes <= self._room:
            self._room -= prompts.bytes
            self._known[place] = prompts
        return prompts
