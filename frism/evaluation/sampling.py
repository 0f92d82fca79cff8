"""Tokens by temperature, with random numbers that belong to a question and not to its batch.

Gumbel-max (arXiv:1411.0030): with E_i from the exponential distribution, the index of the largest
logit_i / T - log E_i is distributed as softmax(logit / T). Each question draws one E per token of
the vocabulary and step from a generator of its own, so neither the order of the questions nor the
batch nor the number of workers changes its answer. Generators of CPU and GPU draw differently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch


class Sampler:
    """Draws the next tokens of some questions.

    Args:
        temperature: above 0.
        top_p: tokens are drawn from the likeliest ones that together have this probability.
        generators: of the questions that are being answered, in the order of the rows.
    """

    def __init__(
        self, temperature: float, top_p: float, generators: Sequence[torch.Generator]
    ) -> None:
        self._temperature, self._top_p, self._generators = temperature, top_p, generators

    def choose(self, logits: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """Returns a token for each row.

        Args:
            logits: [b, v].
            rows: whose logits these are, [b].
        """
        scaled = logits.float() / self._temperature
        if self._top_p < 1:
            scaled = nucleus(scaled, self._top_p)
        noise = torch.empty_like(scaled)
        for row, own in zip(rows, noise, strict=True):
            own.exponential_(generator=self._generators[row])
        return (scaled - noise.log()).argmax(dim=-1)


def nucleus(logits: torch.Tensor, top_p: float) -> torch.Tensor:
    """Returns the logits with minus infinity but for the likeliest tokens (arXiv:1904.09751).

    Args:
        logits: [b, v].
        top_p: the fewest tokens that have at least this probability stay, 0 to 1.
    """
    ordered, places = logits.sort(dim=-1, descending=True)
    shares = ordered.softmax(dim=-1)
    before = shares.cumsum(dim=-1) - shares
    ordered = ordered.masked_fill(before >= top_p, -torch.inf)
    return torch.empty_like(logits).scatter_(-1, places, ordered)


def generator(seed: int, key: str, device: torch.device | str = "cpu") -> torch.Generator:
    """Returns the random numbers of one question."""
    return torch.Generator(device).manual_seed(question_seed(seed, key))


def question_seed(seed: int, key: str) -> int:
    """Returns the seed of one question, 63 bits."""
    return int.from_bytes(hashlib.sha256(f"{seed} {key}".encode()).digest()[:8], "big") >> 1
