"""TIES as in mergekit 0.1.5 (method `ties` with `normalize: false`), a variant of arXiv 2306.01708.

It differs from the published one in three ways: each matrix is trimmed by itself, so that each
keeps the same share; signs are elected by the weighted sum `trim(t_vlm) + lambda trim(t_lrm)`; and
the weighted vectors that agree are summed, not averaged. Of equal magnitudes the earlier ones are
kept, so the share is exact; mergekit's sort leaves open which. A weighted sum of 0 elects the
positive sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import density, factor
from frism.methods.method import Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + disjoint sum of {trim(t_vlm), lambda * trim(t_lrm)}`, [m, n]."""
    from frism.arithmetic.election import disjoint_sum

    own = _trimmed(matrix, "vlm", lambda each: each.tau_vlm, parameters["density"])
    donated = _trimmed(matrix, "lrm", lambda each: each.tau, parameters["density"])
    return matrix.w_vlm - matrix.tau_vlm + disjoint_sum([own, parameters["lambda"] * donated])


def _trimmed(
    matrix: MatrixInputs,
    owner: str,
    vector: Callable[[MatrixInputs], torch.Tensor],
    density: float,
) -> torch.Tensor:
    """Returns rows of a task vector, trimmed as the whole matrix is."""
    from frism.arithmetic.cutting import Cut, cut, trim_to

    def block(rows: slice) -> torch.Tensor:
        return vector(matrix.within(rows))

    def whole() -> Cut:
        return cut([partial(block, rows) for rows in matrix.blocks], density)

    tau = vector(matrix)
    found = matrix.model.once(("cut", owner, matrix.name, density), whole)
    return trim_to(tau, found, matrix.first_row * tau[0].numel())


METHOD = Method(
    slug="ties_tensor",
    name="TIES, per tensor",
    paper="arXiv:2306.01708 as in mergekit",
    granularity="model",
    summary="W = W_vlm_base + sum of {trim(t_vlm), lambda trim(t_lrm)} where signs agree",
    rescale="none",
    parameters={
        "lambda": factor(0.1, 0.3, 0.6, 1.0, 1.4, of="LRM's task vector"),
        "density": density(0.2, "each matrix"),
    },
    merge=merge,
    rowwise=True,
    needs=("vlm_base",),
)
