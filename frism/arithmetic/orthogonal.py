"""Orthogonalisation of singular vectors of several task vectors: orthogonal Procrustes."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from frism.arithmetic.spectra import (
    decomposed,
    joined,
    leading,
    mean_value,
    significant,
)
from frism.subspaces.decomposition import Subspace


def nearest_isometry(matrix: torch.Tensor) -> torch.Tensor:
    """Returns the orthonormal columns (or rows) nearest to those of `matrix`, [p, q], float64.

    `argmin_Q ||Q - M||_F` over Q with `Q^T Q = I` is `U Vh` of the decomposition of M. Where
    columns depend on each other that Q is arbitrary in the missing directions; here they are left
    out, so two equal columns become two halves of one direction.
    """
    u, _, vh = decomposed(matrix)
    return u @ vh


def merged_singular_vectors(subspaces: Sequence[Subspace]) -> torch.Tensor:
    """Returns the TSV-M sum of task vectors, [m, n] (arXiv 2412.00081).

    Of each of K vectors the r/K leading directions; all U and all V side by side are
    orthogonalised: `U' diag(S) V'`. One vector comes back as it is.

    Args:
        subspaces: Decomposed task vectors, each with U [m, r], S [r], Vh [r, n].
    """
    rank = max(1, subspaces[0].s.numel() // len(subspaces))
    each = joined([leading(significant(subspace), rank) for subspace in subspaces])
    return (nearest_isometry(each.u) * each.s.double()) @ nearest_isometry(each.vh)


def isotropic(total: torch.Tensor) -> torch.Tensor:
    """Returns Iso-C: `mean(S) U Vh` of a sum of task vectors, [m, n] (arXiv 2502.04959)."""
    u, s, vh = decomposed(total)
    return mean_value(s) * (u @ vh)


def isotropic_with_tasks(taus: Sequence[torch.Tensor], share: float) -> torch.Tensor:
    """Returns Iso-CTS of task vectors, [m, n] (arXiv 2502.04959).

    The leading directions of the sum are the common subspace, U_c. What it leaves of each vector,
    `tau - U_c U_c^T tau`, gives that vector's own directions. All of them are orthogonalised like
    in TSV-M and get one singular value, their mean.

    Args:
        taus: Task vectors, each [m, n].
        share: Share of the directions that is common.
    """
    common_rank, own_rank = split_rank(min(taus[0].shape), len(taus), share)
    common = leading(decomposed(torch.stack(list(taus)).double().sum(0)), common_rank)
    own = [leading(_beyond(common.u, tau), own_rank) for tau in taus]
    u, s, vh = joined([*own, common])
    return mean_value(s) * (nearest_isometry(u) @ nearest_isometry(vh))


def split_rank(rank: int, models: int, share: float) -> tuple[int, int]:
    """Returns how many directions are common and how many each of k models has of its own.

    As the authors' code rounds: all models have equally many, the rest is common.
    """
    own = min(rank // models, round((rank - int(rank * share)) / models))
    return rank - models * own, own


def _beyond(common: torch.Tensor, tau: torch.Tensor) -> Subspace:
    # relative to the whole vector: what rounding leaves of one inside the common subspace is none
    rest = tau.double() - common @ (common.T @ tau.double())
    return decomposed(rest, scale=float(tau.norm()))
