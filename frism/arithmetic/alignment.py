"""Task vectors in one basis (KnOTS, arXiv 2410.19735)."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from frism.arithmetic.spectra import PRECISION, decomposed


def aligned(taus: Sequence[torch.Tensor]) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Returns a basis U [m, r] of all task vectors and each one's rows in it, [r, n], float32.

    `[t_1, ..., t_k] = U diag(S) [V_1, ..., V_k]` is decomposed as one matrix [m, k n]; the rows of
    vector i are `diag(S) V_i = U^T t_i`, so `U diag(S) V_i = t_i`. r is the rank of all together.

    Args:
        taus: Task vectors, each [m, n].
    """
    u, s, _ = decomposed(torch.cat(list(taus), dim=1))
    noise = PRECISION * float(s.max()) if s.numel() else 0.0
    return u.float(), [_without(noise, u.T @ tau.double()).float() for tau in taus]


def _without(noise: float, rows: torch.Tensor) -> torch.Tensor:
    # a rounding error where a vector has nothing would count as its vote in an election
    return torch.where(rows.abs() > noise, rows, 0.0)
