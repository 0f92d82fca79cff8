"""Trimming, dropping and election of signs in numpy float64, entry by entry as papers say it."""

from __future__ import annotations

import hashlib

import numpy as np
import torch

from tests.matrix_sources import Array


def trim_whole(taus: dict[str, Array], density: float) -> dict[str, Array]:
    """Returns task vectors with the largest magnitudes of all together, and those that tie."""
    falling = np.sort(np.abs(np.concatenate([tau.ravel() for tau in taus.values()])))[::-1]
    count = int(density * falling.size)
    smallest = falling[count - 1] if count else np.inf
    return {name: tau * (np.abs(tau) >= smallest) for name, tau in taus.items()}


def trim_tensor(tau: Array, density: float) -> Array:
    """Returns the largest magnitudes of one matrix; of equal ones the earlier."""
    flat = tau.ravel()
    order = sorted(range(flat.size), key=lambda place: (-abs(flat[place]), place))
    kept = np.zeros_like(flat)
    for place in order[: max(1, int(density * flat.size))]:
        kept[place] = flat[place]
    return kept.reshape(tau.shape)


def disjoint_mean(first: Array, second: Array) -> Array:
    """Returns the mean of those of two entries that have the sign of their sum."""
    mean = np.zeros_like(first)
    for place in np.ndindex(first.shape):
        pair = np.array([first[place], second[place]])
        agreeing = pair[np.sign(pair) == np.sign(pair.sum())]
        if pair.sum() != 0:
            mean[place] = agreeing.mean()
    return mean


def disjoint_sum(first: Array, second: Array) -> Array:
    """Returns the sum of those of two entries that have the sign of their sum, + where it is 0."""
    total = np.zeros_like(first)
    for place in np.ndindex(first.shape):
        pair = np.array([first[place], second[place]])
        elected = 1 if pair.sum() >= 0 else -1
        total[place] = pair[np.sign(pair) == elected].sum()
    return total


def uniform(seed: int, owner: str, name: str, shape: tuple[int, ...]) -> Array:
    """Returns the numbers from 0 to 1 that decide what is dropped."""
    digest = hashlib.sha256(f"{seed}\n{owner}\n{name}".encode()).digest()
    random = torch.Generator().manual_seed(int.from_bytes(digest[:4], "big"))
    return torch.rand(shape, generator=random).double().numpy()
