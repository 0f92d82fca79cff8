"""Task vectors changed to disturb each other's tasks less (WUDI, arXiv 2503.08099)."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from frism.arithmetic.spectra import decomposed, significant
from frism.subspaces.decomposition import Subspace


def less_interference(subspaces: Sequence[Subspace], steps: float) -> torch.Tensor:
    """Returns the sum of task vectors after gradient descent on their interference, [m, n].

    The loss is `1/2 sum_i ||(W - t_i) t_i^T||_F^2 / ||t_i||_F^2`. With `t_i = U_i diag(S_i) V_i^T`
    it is `1/2 ||W A - B||_F^2` of the columns `A_i = V_i diag(S_i) / ||S_i||`, [n, r], and `B_i =
    U_i diag(S_i)^2 / ||S_i||`, [m, r]. From the sum t, steps of `1 / s_1^2` lead to

    `W = t + (B R D - t P (1 - K)) P^T`,  `A = P diag(s) R^T`,  `K = (1 - s^2 / s_1^2)^steps`,
    `D = (1 - K) / s`,

    so nothing larger than [n, k r] is formed, and no step has to be taken.

    Args:
        subspaces: Decomposed task vectors, each with U [m, r], S [r], Vh [r, n]; one that is zero
            has no say.
        steps: Number of steps; infinity gives the minimiser.
    """
    parts = [significant(each) for each in subspaces]
    total = torch.stack([(each.u * each.s) @ each.vh for each in parts]).sum(0).double()
    inputs = torch.cat([each.vh.T * (each.s / each.s.norm()) for each in parts], dim=1)
    outputs = torch.cat([each.u * (each.s**2 / each.s.norm()) for each in parts], dim=1).double()
    p, s, rh = decomposed(inputs)
    # [:1] instead of [0]: vectors of zeros alone have no largest value
    done = 1 - (1 - (s / s[:1]) ** 2) ** steps  # 1 - K, [q]
    return total + ((outputs @ rh.T) * (done / s) - (total @ p) * done) @ p.T
