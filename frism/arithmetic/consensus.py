"""Which weights several tasks agree to need (TALL masks and consensus, arXiv 2405.07813)."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def tall_mask(tau: torch.Tensor, total: torch.Tensor, tall: float) -> torch.Tensor:
    """Returns `|tau| >= tall * |total - tau|`: where a task finds itself in the sum, [m, n], bool.

    Args:
        tau: One task vector, [m, n].
        total: Sum of all task vectors, [m, n].
        tall: The paper's lambda_t: the larger, the fewer weights count as the task's own.
    """
    return tau.abs() >= tall * (total - tau).abs()


def consensus(taus: Sequence[torch.Tensor], tall: float, agree: int) -> torch.Tensor:
    """Returns the sum of task vectors where at least `agree` tasks need the weight, [m, n].

    What no task needs the paper calls catastrophic, what one alone needs selfish.

    Args:
        taus: Task vectors, each [m, n].
        tall: As in `tall_mask`.
        agree: The paper's k.
    """
    total = torch.stack(list(taus)).sum(0)
    votes = torch.stack([tall_mask(tau, total, tall) for tau in taus]).sum(0)
    return torch.where(votes >= agree, total, torch.zeros_like(total))
