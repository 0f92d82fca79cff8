"""Keeping exactly so many of a tensor's entries, the largest, with one block of it at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from frism.arithmetic.trimming import ranked, trim

Blocks = Sequence[Callable[[], torch.Tensor]]

# the threshold is guessed from so many blocks or more, to be within so much of all ranks
GUESSED_FROM, MARGIN = 4, 0.03


class Cut(NamedTuple):
    """Which entries of one tensor are kept: exactly so many, also where magnitudes are equal.

    Args:
        threshold: Magnitude below which none is kept.
        end: Place in the flattened tensor from which on those are dropped that equal the threshold.
    """

    threshold: float
    end: int


class _Near(NamedTuple):
    """Entries whose magnitude is near a guess, in their order.

    Args:
        kept: How many of them are kept; of a wrong guess below 1, or more than there are.
        magnitudes: Of each.
        places: Of each, in the flattened tensor.
        end: Number of entries of the tensor.
    """

    kept: int
    magnitudes: NDArray[np.floating[Any]]
    places: NDArray[np.intp]
    end: int


def cut(blocks: Blocks, density: float) -> Cut:
    """Returns what keeps the largest magnitudes of a tensor, at least one; of equal ones the first.

    Args:
        blocks: Each gives the next part of the flattened tensor, any shape. Some are asked twice:
            only what is near a guess is sorted, and everything where the guess was wrong.
        density: Share of the entries that is kept, rounded down; 0 keeps none.
    """
    if density == 0:
        return Cut(math.inf, 0)
    near = _near(blocks, density, *_guess(blocks, density))
    if not 0 < near.kept <= len(near.places):
        near = _near(blocks, density, 0.0, math.inf)
    place = len(near.places) - near.kept
    threshold = ranked(near.magnitudes, place)
    surplus = int(np.count_nonzero(near.magnitudes >= threshold)) - near.kept
    ties = near.places[near.magnitudes == threshold]
    return Cut(threshold, int(ties[-surplus]) if surplus else near.end)


def trim_to(tau: torch.Tensor, cut: Cut, first: int = 0) -> torch.Tensor:
    """Returns a task vector, or some rows of it, without the entries that a cut drops.

    Args:
        tau: The rows, any shape.
        cut: Of the whole tensor.
        first: Place of their first entry in the flattened whole.
    """
    kept = trim(tau, cut.threshold).contiguous()
    late = kept.view(-1)[max(0, cut.end - first) :]
    if len(late):
        ties = np.flatnonzero(late.abs().numpy(force=True) == cut.threshold)
        late[torch.from_numpy(ties)] = 0.0
    return kept


def _guess(blocks: Blocks, density: float) -> tuple[float, float]:
    """Returns two magnitudes between which the threshold is likely to lie."""
    if len(blocks) < 2 * GUESSED_FROM:
        return 0.0, math.inf
    chosen = blocks[:: len(blocks) // GUESSED_FROM]
    rising = np.sort(np.concatenate([_magnitudes(block()) for block in chosen]))
    shares = 1 - density - MARGIN, 1 - density + MARGIN
    low, high = (int(share * len(rising)) for share in shares)
    return (
        float(rising[low]) if low > 0 else 0.0,
        float(rising[high]) if high < len(rising) else math.inf,
    )


def _near(blocks: Blocks, density: float, low: float, high: float) -> _Near:
    magnitudes, places, above, end = [], [], 0, 0
    for block in blocks:
        found = _magnitudes(block())
        near = np.flatnonzero((found >= low) & (found <= high))
        above += int(np.count_nonzero(found > high))
        magnitudes.append(found[near])
        places.append(near + end)
        end += len(found)
    count = max(1, int(density * end)) - above
    return _Near(count, np.concatenate(magnitudes), np.concatenate(places), end)


def _magnitudes(tau: torch.Tensor) -> NDArray[np.floating[Any]]:
    found: NDArray[np.floating[Any]] = tau.abs().flatten().numpy(force=True)
    return found
