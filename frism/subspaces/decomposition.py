"""Singular value decomposition of task vectors, full rank (FRISM, arXiv 2601.21187)."""

from __future__ import annotations

from typing import NamedTuple

import torch

from frism.subspaces.task_vector import check_finite


class Subspace(NamedTuple):
    """A decomposed task vector `tau = U diag(S) Vh`.

    Args:
        u: Left singular vectors, [m, r].
        s: Singular values, [r], falling.
        vh: Right singular vectors, [r, n].
    """

    u: torch.Tensor
    s: torch.Tensor
    vh: torch.Tensor


def decompose(name: str, tau: torch.Tensor, dtype: torch.dtype = torch.float32) -> Subspace:
    """Returns the singular value decomposition of `tau`, [m, n], float32, with r = min(m, n).

    The signs of singular vectors are arbitrary; here the largest entry of each left vector is
    positive, so that one matrix has one decomposition.

    Args:
        name: Name of the matrix, for errors.
        tau: Task vector, [m, n].
        dtype: Precision in which the decomposition is computed.

    Raises:
        MergeError: `tau` has a value that is infinite or not a number, for which the
            decomposition would not converge.
    """
    check_finite(name, tau)
    u, s, vh = torch.linalg.svd(tau.to(dtype), full_matrices=False)
    largest = u.abs().argmax(dim=0, keepdim=True)  # [1, r]
    signs = u.gather(0, largest).sign()  # [1, r]
    return Subspace((u * signs).float(), s.float(), (vh * signs.T).float())


def compose(
    subspace: Subspace,
    values: torch.Tensor,
    weight: torch.Tensor,
    scale: float,
    dtype: torch.dtype | None = None,
) -> torch.Tensor:
    """Returns `W + scale * U diag(values) Vh`, [m, n].

    Training and merging both call this function, so a merged checkpoint holds the very numbers
    that the gates were trained with.

    Args:
        subspace: U [m, r] and Vh [r, n], of any floating type.
        values: What replaces the singular values, [r].
        weight: W, [m, n].
        scale: Factor of the whole injection (lambda_lrm).
        dtype: Type of the product and of the result; None for that of `values`.
    """
    dtype = dtype or values.dtype
    rows = values.unsqueeze(-1) * subspace.vh.to(values.dtype)  # [r, n]
    return torch.addmm(weight.to(dtype), subspace.u.to(dtype), rows.to(dtype), alpha=scale)
