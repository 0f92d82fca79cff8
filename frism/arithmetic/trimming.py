"""Keeping the largest or smallest entries of a task vector, exactly, also where many are equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import hardshrink

# Magnitudes in float32 sort as their bit patterns do: 16 upper bits (sign 0, exponent, 7 of the
# fraction), then 16 lower bits.
LOWER_BITS = 16
BINS = 1 << LOWER_BITS
# bincount makes 64-bit copies of what it counts
CHUNK = 1 << 22


def magnitude_threshold(vectors: Callable[[], Iterable[torch.Tensor]], density: float) -> float:
    """Returns the magnitude above which the share `density` of all entries lies, exactly.

    Two passes of a radix selection over the bit patterns of the float32 magnitudes; one tensor is
    in memory at a time.

    Args:
        vectors: Gives the tensors, any shapes; called once per pass.
        density: Share of the entries that is kept, rounded down to whole ones.

    Returns:
        The threshold: `magnitude >= threshold` keeps so many entries, and all that tie the last;
        infinity where none is kept.
    """
    counts = _histogram(vectors(), lambda bits: bits >> LOWER_BITS)
    count = int(density * int(counts.sum()))
    if count == 0:
        return float("inf")
    upper, above = _select(counts, count)
    lower, _ = _select(_histogram(vectors(), lambda bits: _lower(bits, upper)), count - above)
    bits = torch.tensor([(upper << LOWER_BITS) | lower], dtype=torch.int32)
    return bits.view(torch.float32).item()


def trim(tau: torch.Tensor, threshold: float) -> torch.Tensor:
    """Returns the task vector, any shape, without its entries of a magnitude below `threshold`."""
    # hardshrink drops what is equal, too, and unlike torch.where it has no branch to mispredict
    least = torch.tensor(threshold, dtype=tau.dtype)
    return hardshrink(tau, torch.nextafter(least, least.new_tensor(-torch.inf)).item())


def breadcrumbs(tau: torch.Tensor, density: float, gamma: float) -> torch.Tensor:
    """Returns a task vector, any shape, without its largest and smallest magnitudes.

    Args:
        tau: Task vector.
        density: Share of its entries that is kept.
        gamma: Share of the largest, which are not kept where enough others are left.
    """
    entries = tau.numel()
    count = int(density * entries)
    below = max(0, entries - count - int(gamma * entries))
    magnitudes = tau.abs()
    kept = smallest(magnitudes, below + count) & ~smallest(magnitudes, below)
    return torch.where(kept, tau, 0.0)


def smallest(magnitudes: torch.Tensor, count: int) -> torch.Tensor:
    """Returns which are the `count` smallest entries, bool of the same shape.

    Of equal entries the earlier ones count as smaller, as in a stable sort.
    """
    if count == 0:
        return torch.zeros_like(magnitudes, dtype=torch.bool)
    flat = magnitudes.flatten()
    value = ranked(flat.numpy(force=True), count - 1)
    found = flat < value
    ties = torch.nonzero(flat == value).flatten()
    found[ties[: count - int(found.sum())]] = True
    return found.view_as(magnitudes)


def ranked(values: NDArray[np.floating[Any]], place: int) -> float:
    """Returns the value at a place, from 0, of the values in rising order."""
    # several times as quick as torch.kthvalue
    return float(np.partition(values, place)[place])


def _histogram(
    vectors: Iterable[torch.Tensor], bin_of: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    counts = torch.zeros(BINS, dtype=torch.int64)
    for vector in vectors:
        bits = vector.float().abs().flatten().view(torch.int32)
        for chunk in torch.split(bits, CHUNK):
            counts += torch.bincount(bin_of(chunk), minlength=BINS)
    return counts


def _lower(bits: torch.Tensor, upper: int) -> torch.Tensor:
    return bits[bits >> LOWER_BITS == upper] & (BINS - 1)


def _select(counts: torch.Tensor, count: int) -> tuple[int, int]:
    """Returns the bin of the `count`-th largest entry and how many entries lie above that bin."""
    from_top = counts.flip(0).cumsum(0)
    place = int(torch.searchsorted(from_top, torch.tensor(count)))
    above = int(from_top[place] - counts.flip(0)[place])
    return BINS - 1 - place, above
