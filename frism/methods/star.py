"""STAR, spectral truncation and rescaling (arXiv 2502.10339, NAACL 2025).

The task vector of each matrix keeps its leading singular directions, as many as hold a share eta of
the sum of its singular values; those kept are multiplied so that the sum is what it was. The paper
averages several such vectors; with one donor it is added times lambda. The authors' eta is 40 %;
lambda is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import factor
from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

PARAMETERS = {
    "lambda": factor(0.05, 0.1, 0.2, 0.3, 0.5, of="truncated vector"),
    "eta": Parameter("Share of the nuclear norm that is kept.", 0.0, 1.0, optional=0.4),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `w_vlm + lambda * U diag(S') Vh`, [m, n]."""
    from frism.arithmetic.spectra import truncated
    from frism.subspaces.decomposition import compose

    values = truncated(matrix.subspace.s, parameters["eta"])
    return compose(matrix.subspace, values, matrix.w_vlm, parameters["lambda"])


METHOD = Method(
    slug="star",
    name="STAR",
    paper="arXiv:2502.10339",
    granularity="direction",
    summary="W = W_vlm + lambda U_k diag(S_k) Vh_k sum(S) / sum(S_k),  "
    "smallest k with sum(S_k) >= eta sum(S)",
    rescale="the nuclear norm of each matrix is restored",
    parameters=PARAMETERS,
    merge=merge,
    directions=("lrm",),
)
