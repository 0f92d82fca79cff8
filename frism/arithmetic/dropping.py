"""Entries of a task vector dropped at random, and what makes up for the dropped ones."""

from __future__ import annotations

import torch

from frism.errors import MergeError

ROWS = 1024


def drop(
    tau: torch.Tensor, keep: float | torch.Tensor, generator: torch.Generator, rescale: str
) -> torch.Tensor:
    """Returns a task vector of which each entry was kept with a probability, [m, n].

    Args:
        tau: Task vector, [m, n].
        keep: Probability of keeping an entry, above 0: one for all, or [m, n].
        generator: Where the random numbers come from.
        rescale: `probability`: an entry that is kept is divided by its probability, so the
            expected value of each entry is unchanged. `norm`: all that is kept is multiplied so
            that the sum of magnitudes is what it was.
    """
    kept = torch.rand(tau.shape, generator=generator).to(tau.device) < keep
    if rescale == "probability":
        return torch.where(kept, tau / keep, 0.0)
    remaining = torch.where(kept, tau, 0.0)
    before, after = tau.abs().sum(), remaining.abs().sum()
    return remaining * (before / after) if after > 0 else remaining


def ranked_keep(tau: torch.Tensor, p: float, epsilon: float) -> torch.Tensor:
    """Returns DELLA's probability of keeping each entry, [m, n] (arXiv 2406.11617).

    In each row it rises evenly with the rank of the magnitude, from `1 - p - epsilon` at the
    smallest to `1 - p + epsilon` at the largest. Of equal entries the later one ranks higher.

    Args:
        tau: Task vector, [m, n].
        p: Mean probability of dropping an entry.
        epsilon: Half of the width of the range.

    Raises:
        MergeError: the range is not within 0 and 1.
    """
    keep = 1 - p
    if not epsilon < keep < 1 - epsilon:
        raise MergeError(
            f"p = {p:g} with epsilon = {epsilon:g} asks for probabilities from {p - epsilon:g} to "
            f"{p + epsilon:g}; expected them between 0 and 1: lower epsilon or move p towards 0.5"
        )
    last = max(tau.shape[1] - 1, 1)
    # argsort of argsort is the rank; a block of rows at a time, for its indices take 8 bytes each
    ranks = [
        rows.argsort(dim=1, stable=True).argsort(dim=1) for rows in torch.split(tau.abs(), ROWS)
    ]
    return torch.cat([(keep - epsilon) + block / last * (2 * epsilon) for block in ranks])
