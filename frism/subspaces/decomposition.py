"""Singular value decomposition of task vectors, full rank (FRISM, arXiv 2601.21187)."""

from __future__ import annotations

from typing import NamedTuple

import torch

from frism.errors import MergeError
from frism.subspaces.gram import gram_svd
from frism.subspaces.products import column_chunks, gram
from frism.subspaces.task_vector import check_finite

# Operations, r^2 max(m, n), up to which LAPACK's decomposition in float32 is as fast.
SMALL = 1 << 22


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
        dtype: float32: by LAPACK, or by Gram matrices in float64 where that is faster; `tau` is
            rebuilt and U and V are orthonormal to about 1e-6. float64: by LAPACK in float64, to
            the rounding of the result, several times slower.

    Raises:
        MergeError: `tau` has a value that is infinite or not a number, or the decomposition does
            not converge.
    """
    check_finite(name, tau)
    try:
        u, s, vh = _svd(tau.to(dtype))
    except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined]
        raise MergeError(
            f"the singular value decomposition of tensor '{name}', shape {list(tau.shape)}, "
            f"did not converge in {dtype}; its largest entry is {float(tau.abs().max()):.3g}, "
            "expected weights of ordinary size: check both checkpoints"
        ) from error
    if not s.float().isfinite().all():
        raise MergeError(
            f"tensor '{name}', shape {list(tau.shape)}, has singular values beyond float32; its "
            f"largest entry is {float(tau.abs().max()):.3g}, expected weights of ordinary size"
        )
    low, high = u.aminmax(dim=0)
    signs = torch.where(high >= -low, 1.0, -1.0).to(u)  # [r]
    return Subspace(u.mul_(signs).float(), s.float(), vh.mul_(signs.unsqueeze(-1)).float())


def _svd(matrix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    short, long = sorted(matrix.shape)
    if matrix.dtype == torch.float32 and short * short * long > SMALL:
        return gram_svd(matrix)
    return tuple(torch.linalg.svd(matrix, full_matrices=False))


def leading(s: torch.Tensor, energy: float) -> int:
    """Returns the smallest number of leading singular values, S [r], with a share of `||S||^2`."""
    if energy >= 1:
        return s.numel()
    shares = s.double().square().cumsum(0)
    return min(int((shares < energy * shares[-1]).sum()) + 1, s.numel())


def truncate(subspace: Subspace, rank: int, energy: float) -> Subspace:
    """Returns the leading directions that fit both bounds, in memory of their own.

    Args:
        subspace: A decomposition of rank r.
        rank: Largest number of directions; 0 for all.
        energy: Share of `||S||^2` that the directions hold, the fewest that do; 1 for all.

    Returns:
        U [m, k], S [k] and Vh [k, n]; the subspace itself where k is r.

    Raises:
        MergeError: `rank` is negative, or `energy` not between 0 and 1.
    """
    if rank < 0 or not 0 <= energy <= 1:
        raise MergeError(
            f"rank {rank} and energy {energy}; expected a rank of at least 0, which is all "
            "directions, and an energy from 0 to 1"
        )
    u, s, vh = subspace
    kept = min(rank or s.numel(), leading(s, energy))
    if kept == s.numel():
        return subspace
    parts = (u[:, :kept], s[:kept], vh[:kept])
    return Subspace(*(part.clone(memory_format=torch.contiguous_format) for part in parts))


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


def reconstruction_error(tau: torch.Tensor, subspace: Subspace) -> float:
    """Returns `||tau - U diag(S) Vh|| / ||tau||`, Frobenius norms in float64; 0 where tau is 0.

    Args:
        tau: What was decomposed, [m, n].
        subspace: Its decomposition, whole or truncated.
    """
    u, s, vh = subspace
    if tau.shape[0] > tau.shape[1]:
        return reconstruction_error(tau.T, Subspace(vh.T, s, u.T))
    factors = u.double() * s.double()
    missed, whole = torch.zeros(2, dtype=torch.float64, device=tau.device)
    for columns in column_chunks(tau):
        part = tau[:, columns].double()
        whole += part.square().sum()
        rebuilt = factors @ vh[:, columns].double()
        missed += rebuilt.sub_(part).square().sum()
    return float((missed / whole).sqrt()) if whole else 0.0


def orthogonality_error(subspace: Subspace) -> float:
    """Returns the largest entry of `|U^T U - I|` and `|Vh Vh^T - I|`, computed in float64."""
    errors = [gram(subspace.u.T), gram(subspace.vh)]
    for each in errors:
        each.diagonal().sub_(1)
    return max(float(each.abs().max()) if each.numel() else 0.0 for each in errors)
