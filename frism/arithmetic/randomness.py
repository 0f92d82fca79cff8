"""Random numbers that depend on a seed and on names, never on the order of calls."""

from __future__ import annotations

import hashlib

import torch


def generator(seed: float, *words: object) -> torch.Generator:
    """Returns a generator of its own for a seed and words such as the name of a matrix.

    Matrices can be merged in any order, alone or in other processes, with the same numbers.

    Args:
        seed: A whole number; parameters of methods come as floats.
        words: What the numbers are for.
    """
    text = "\n".join(map(str, (int(seed), *words)))
    digest = hashlib.sha256(text.encode()).digest()
    # Torch's generator on the CPU takes no more than 32 bits from its seed.
    return torch.Generator().manual_seed(int.from_bytes(digest[:4], "big"))
