"""The parts of a task vector that gates stand before, and the weights that gates make of them.

A gate can stand before each singular direction, or before each row or column of the whole task
vector. Training and merging both add the parts by `inject_components`, so a merged checkpoint
holds the very numbers that the gates were trained with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch

from frism.subspaces.decomposition import Subspace, compose

DIRECTIONS, ROWS, COLUMNS = "directions", "rows", "columns"


@dataclass(frozen=True)
class Components:
    """A task vector `tau = U diag(S) Vh` and the axis along which it is taken apart.

    Args:
        subspace: U [m, r], S [r] and Vh [r, n]; what a restriction dropped is not in it. U and Vh
            may be of a smaller type than S.
        axis: `directions` (r of them), `rows` (m) or `columns` (n).
    """

    subspace: Subspace
    axis: str = DIRECTIONS

    @cached_property
    def tau(self) -> torch.Tensor:
        """The task vector of these components, [m, n], in the type of S.

        It is dense and stays in memory: only rows and columns, which are taken from it, ask for it.
        """
        u, s, vh = self.subspace
        return (u * s) @ vh.to(s.dtype)

    @property
    def count(self) -> int:
        """Number of components."""
        u, s, vh = self.subspace
        return {DIRECTIONS: s.numel(), ROWS: u.shape[0], COLUMNS: vh.shape[1]}[self.axis]

    @property
    def energies(self) -> torch.Tensor:
        """The squared Frobenius norm of each component, [components]."""
        if self.axis == DIRECTIONS:
            return self.subspace.s.square()
        return self.tau.square().sum(dim=1 if self.axis == ROWS else 0)

    def to(self, device: torch.device) -> Components:
        """Returns the components on `device`: nothing is copied where they are there already."""
        moved = Subspace(*(part.to(device, non_blocking=True) for part in self.subspace))
        there = all(new is old for new, old in zip(moved, self.subspace, strict=True))
        return self if there else Components(moved, self.axis)


class Gated(NamedTuple):
    """Components and the values of their gates.

    Args:
        components: The parts of one task vector.
        values: One factor per component, [components].
    """

    components: Components
    values: torch.Tensor


def inject_components(
    components: Components,
    weight: torch.Tensor,
    values: torch.Tensor,
    scale: float,
    dtype: torch.dtype | None = None,
) -> torch.Tensor:
    """Returns `W + scale * sum_i values_i tau_i`, [m, n].

    Directions: `W + scale * U diag(values S) Vh`; rows: `W + scale * diag(values) tau`; columns:
    `W + scale * tau diag(values)`.

    Args:
        components: The parts tau_i of a task vector.
        weight: W, [m, n].
        values: One factor per component, [components].
        scale: Factor of the whole injection (lambda_lrm).
        dtype: Type of the result, in which singular directions are multiplied too; None for that
            of `values`.
    """
    if components.axis == DIRECTIONS:
        strengths = values * components.subspace.s
        return compose(components.subspace, strengths, weight, scale, dtype)
    factors = values.unsqueeze(-1) if components.axis == ROWS else values.unsqueeze(0)
    formed = torch.addcmul(weight.to(values), factors, components.tau, value=scale)
    return formed.to(dtype or values.dtype)
