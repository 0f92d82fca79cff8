"""The top singular direction of the task vector, with the norm of all of it.

A re-implementation from a description of the preprint "Selective Transfer of RL Updates for Visual
Reasoning": each matrix moves along its first singular direction alone, rescaled to the Frobenius
norm of the whole task vector. The preprint reports lambda = 0.05, which is among our candidates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import factor
from frism.methods.method import Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

PARAMETERS = {
    "lambda": factor(0.05, 0.1, 0.2, 0.4, 0.8, of="direction"),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `w_vlm + lambda * ||tau||_F * u_1 v_1^T`, [m, n]."""
    from frism.arithmetic.spectra import leading
    from frism.subspaces.decomposition import compose

    norm = matrix.tau.norm().reshape(1)
    return compose(leading(matrix.subspace, 1), norm, matrix.w_vlm, parameters["lambda"])


METHOD = Method(
    slug="rank_one",
    name="Rank one, norm-matched",
    paper="Selective Transfer of RL Updates for Visual Reasoning, no public link known to us",
    granularity="direction",
    summary="W = W_vlm + lambda ||tau||_F u_1 v_1^T",
    rescale="the Frobenius norm of each matrix is restored",
    parameters=PARAMETERS,
    merge=merge,
    directions=("lrm",),
)
