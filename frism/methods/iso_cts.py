"""Iso-CTS, isotropic merging in common and task-specific subspaces (arXiv 2502.04959).

The leading directions of the sum of t_vlm and t_lrm are kept as common ones; the least of them make
room for the leading directions of what the common ones leave of each vector. All are orthogonalised
as in TSV-M, get the mean of their singular values, and the result stands in the place of the VLM's
own task vector. The common share of 0.8 is the authors', and so is how it is rounded. Ours:
directions of singular value zero take no part. Each vector is taken from its own model's base.
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
    "lambda": factor(0.6, 0.8, 1.0, 1.5, 2.0, of="merged task vector"),
    "common": Parameter("Share of the directions that is common.", 0.0, 1.0, optional=0.8),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + lambda * Iso-CTS(t_vlm, t_lrm)`, [m, n]."""
    from frism.arithmetic.orthogonal import isotropic_with_tasks
    from frism.arithmetic.replacement import replace_task_vector

    merged = isotropic_with_tasks([matrix.tau_vlm, matrix.tau], parameters["common"])
    return replace_task_vector(matrix.w_vlm, matrix.tau_vlm, merged, parameters["lambda"])


METHOD = Method(
    slug="iso_cts",
    name="Iso-CTS",
    paper="arXiv:2502.04959",
    granularity="direction",
    summary="W = W_vlm_base + lambda mean(S) U' V',  "
    "U' and V' orthonormal, nearest to common and task-specific directions",
    rescale="the mean singular value is kept",
    parameters=PARAMETERS,
    merge=merge,
    needs=("vlm_base",),
)
