"""Entries of a task vector dropped at random, and what makes up for the dropped ones."""

from __future__ import annotations

import torch

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
        epsilon: Half of the width of the range: `p - epsilon >= 0` and `p + epsilon < 1`.
    """
    keep = 1 - p
    last = max(tau.shape[1] - 1, 1)
    # argsort of argsort is the rank; a block of rows at a time, for its indices take 8 bytes each
    ranks = [
        rows.argsort(dim=1, stable=True).argsort(dim=1) for rows in torch.split(tau.abs(), ROWS)
    ]
    return torch.cat([(keep - epsilon) + block / last * (2 * epsilon) for block in ranks])
