"""WUDI, merging by least interference (arXiv 2503.08099), of the VLM's and the LRM's task vectors.

The merged vector minimises `sum_i ||(t - t_i) t_i^T||_F^2 / ||t_i||_F^2`: the rows of a task vector
stand for the inputs of its task, on which the merged vector should do what that one does. The
authors start Adam at the sum of the vectors and take 300 steps of 1e-5. The loss is quadratic, so
we take its minimiser of least norm by a pseudo-inverse: exact and without a seed. It is what
gradient descent from the sum tends to, because every gradient lies in the span of the vectors'
rows, as the sum does. The paper has no lambda; 1 is the paper's method, and sweeping it is ours.
Each vector is taken from its own model's base.
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
    "lambda": factor(0.6, 0.8, 1.0, 1.2, 1.4, of="merged task vector"),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + lambda * WUDI(t_vlm, t_lrm)`, [m, n]."""
    from frism.arithmetic.interference import least_interference
    from frism.arithmetic.replacement import replace_task_vector

    merged = least_interference([matrix.subspace_vlm, matrix.subspace])
    return replace_task_vector(matrix.w_vlm, matrix.tau_vlm, merged, parameters["lambda"])


METHOD = Method(
    slug="wudi",
    name="WUDI",
    paper="arXiv:2503.08099",
    granularity="matrix",
    summary="W = W_vlm_base + lambda argmin_t sum_i ||(t - t_i) t_i^T||^2 / ||t_i||^2",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    needs=("vlm_base",),
)
