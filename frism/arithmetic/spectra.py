"""Spectra of task vectors: which directions count, truncation, one common value for all of them."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from frism.subspaces.decomposition import Subspace

# weights and singular vectors come in float32, whatever later sums are computed in
PRECISION = torch.finfo(torch.float32).eps


def floor_of(matrix_size: Sequence[int], scale: torch.Tensor | float) -> float:
    """Returns the singular value below which a direction is rounding: `max(m, n) eps scale`.

    Args:
        matrix_size: m and n.
        scale: Largest singular value, or norm, of what was rounded.
    """
    return float(max(matrix_size) * PRECISION * scale)


def significant(subspace: Subspace, scale: float | None = None) -> Subspace:
    """Returns a decomposition without the directions of singular value zero.

    What the decomposition of a rank-deficient matrix holds there is arbitrary; a method that looks
    at singular vectors without their values would merge it.

    Args:
        subspace: U [m, r], S [r] falling, Vh [r, n].
        scale: Size of what was rounded; the largest singular value where it is not given.
    """
    if not subspace.s.numel():
        return subspace
    size = (subspace.u.shape[0], subspace.vh.shape[1])
    floor = floor_of(size, subspace.s[0] if scale is None else scale)
    return leading(subspace, int((subspace.s > floor).sum()))


def leading(subspace: Subspace, rank: int) -> Subspace:
    """Returns the `rank` directions of largest singular value: [m, rank], [rank], [rank, n]."""
    return Subspace(subspace.u[:, :rank], subspace.s[:rank], subspace.vh[:rank])


def joined(subspaces: Sequence[Subspace]) -> Subspace:
    """Returns the directions of several decompositions side by side; no longer orthogonal."""
    return Subspace(
        torch.cat([each.u for each in subspaces], dim=1),
        torch.cat([each.s for each in subspaces]),
        torch.cat([each.vh for each in subspaces]),
    )


def decomposed(matrix: torch.Tensor, scale: float | None = None) -> Subspace:
    """Returns the decomposition of `matrix`, [m, n], in float64, without null directions.

    Args:
        matrix: What is decomposed, [m, n].
        scale: As in `significant`.
    """
    return significant(Subspace(*torch.linalg.svd(matrix.double(), full_matrices=False)), scale)


def truncated(s: torch.Tensor, share: float) -> torch.Tensor:
    """Returns a spectrum cut where its sum reaches `share`, with its whole sum restored, [r].

    STAR (NAACL 2025): the smallest k with `sum_{i <= k} S_i >= share sum_i S_i` is kept, times
    `sum_i S_i / sum_{i <= k} S_i`, so that the nuclear norm stays.

    Args:
        s: Singular values, [r], falling.
        share: Part of the nuclear norm that is kept, from 0 to 1.
    """
    mass = s.double().cumsum(0)
    if not s.numel() or mass[-1] == 0:
        return s
    # the last value stands for the whole sum, so a share of 1 keeps all
    kept = min(int(torch.searchsorted(mass, share * mass[-1])) + 1, s.numel())
    values = torch.zeros_like(s)
    values[:kept] = s[:kept] * float(mass[-1] / mass[kept - 1])
    return values


def mean_value(s: torch.Tensor) -> float:
    """Returns the mean of singular values, [r]; 0 where there are none."""
    return float(s.mean()) if s.numel() else 0.0
