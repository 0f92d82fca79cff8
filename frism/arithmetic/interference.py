"""The task vector that disturbs all tasks least (WUDI, arXiv 2503.08099)."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from frism.arithmetic.spectra import floor_of, significant
from frism.subspaces.decomposition import Subspace


def least_interference(subspaces: Sequence[Subspace]) -> torch.Tensor:
    """Returns `argmin_W sum_i ||(W - t_i) t_i^T||_F^2 / ||t_i||_F^2`, [m, n], of least norm.

    With `t_i = U_i diag(S_i) V_i^T` this is the least-squares problem `W A = B` with the columns
    `A_i = V_i diag(S_i) / ||S_i||`, [n, r], and `B_i = U_i diag(S_i)^2 / ||S_i||`, [m, r], so
    `W = B A^+`; nothing larger than [n, k r] is formed.

    Args:
        subspaces: Decomposed task vectors, each with U [m, r], S [r], Vh [r, n]; one that is zero
            has no say.
    """
    parts = [significant(each) for each in subspaces]
    inputs = torch.cat([each.vh.T * (each.s / each.s.norm()) for each in parts], dim=1).double()
    outputs = torch.cat([each.u * (each.s**2 / each.s.norm()) for each in parts], dim=1).double()
    inverse: torch.Tensor = torch.linalg.pinv(inputs, rtol=floor_of(inputs.shape, 1.0))
    return outputs @ inverse
