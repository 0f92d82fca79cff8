"""Encoded questions: what the first layer of a model is given, and a memory for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

MEMORY_BYTES = 2**30


@dataclass(frozen=True)
class Prompts:
    """b prompts, padded on the left to length l.

    Attributes:
        embeddings: [b, l, n], image features in their places.
        mask: [b, l], 0 where padded, int64.
        positions: of the rotary embedding, [b, l], or [k, b, l] for time, height and width.
        extras: what the family gives its decoder beside these, by the name of the argument.
    """

    embeddings: torch.Tensor
    mask: torch.Tensor
    positions: torch.Tensor
    extras: Mapping[str, Any] = field(default_factory=dict)

    @property
    def next(self) -> torch.Tensor:
        """Position of the first token of the answer, [b]."""
        highest = self.positions.amax(dim=-1)
        return highest.reshape(-1, highest.shape[-1]).amax(dim=0) + 1

    def shaped(self, positions: torch.Tensor) -> torch.Tensor:
        """Returns positions of text, [b, t], in as many dimensions as those of the prompts."""
        return positions.expand(*self.positions.shape[:-2], *positions.shape)

    @property
    def bytes(self) -> int:
        """Memory of the embeddings and of what else is large."""
        return self.embeddings.nbytes + sum(tensor.nbytes for tensor in _tensors(self.extras))


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _tensors(each)


class PromptMemory:
    """How one list of questions is shared out over batches, and their prompts.

    Args:
        limit: bytes that prompts may take; those beyond are made anew for each model.
    """

    def __init__(self, limit: int = MEMORY_BYTES) -> None:
        self._room = limit
        self._batches: dict[str, list[list[int]]] = {}
        self._prompts: dict[tuple[str, tuple[int, ...]], Prompts] = {}

    @property
    def held(self) -> int:
        """The number of batches whose prompts it holds."""
        return len(self._prompts)

    def batches(self, key: str, make: Callable[[], list[list[int]]]) -> list[list[int]]:
        """Returns the batches of all models that take in questions alike, which share a key."""
        if key not in self._batches:
            self._batches[key] = make()
        return self._batches[key]

    def prompts(self, key: str, batch: Sequence[int], make: Callable[[], Prompts]) -> Prompts:
        """Returns the prompts of a batch, made once for a key as long as there is room."""
        place = (key, tuple(batch))
        if place in self._prompts:
            return self._prompts[place]
        prompts = make()
        if prompts.bytes <= self._room:
            self._room -= prompts.bytes
            self._prompts[place] = prompts
        return prompts
