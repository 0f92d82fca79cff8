"""Iso-C, isotropic merging in the common subspace (arXiv 2502.04959), of t_vlm and t_lrm.

All singular values of the sum of the task vectors are replaced by their mean, and the result
stands in the place of the VLM's own task vector. The paper chooses lambda on validation. Ours:
directions of singular value zero stay zero and do not count in the mean; the sum of all singular
values is the same as the paper's. Each vector is taken from its own model's base.
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
    "lambda": factor(0.6, 0.8, 1.0, 1.5, 2.0, of="merged task vector"),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + lambda * mean(S) U Vh`, [m, n], U, S, Vh of `t_vlm + t_lrm`."""
    from frism.arithmetic.orthogonal import isotropic
    from frism.arithmetic.replacement import replace_task_vector

    merged = isotropic(matrix.tau_vlm + matrix.tau)
    return replace_task_vector(matrix.w_vlm, matrix.tau_vlm, merged, parameters["lambda"])


METHOD = Method(
    slug="iso_c",
    name="Iso-C",
    paper="arXiv:2502.04959",
    granularity="direction",
    summary="W = W_vlm_base + lambda mean(S) U Vh,  U diag(S) Vh = t_vlm + t_lrm",
    rescale="the nuclear norm of the sum is kept",
    parameters=PARAMETERS,
    merge=merge,
    needs=("vlm_base",),
)
