"""FRANK-like: each layer is a weighted mean of t_vlm and t_lrm, after arXiv 2505.16151.

From the paper: all weights of a layer move from the base by `l_vlm t_vlm + l_lrm t_lrm`; the two
coefficients follow in closed form, without data, from the size of the task vectors and from a prior
by which shallow layers see and deep ones reason. Its closed form was not available to us, hence
the name. Ours: `l_i = p_i ||t_i||^2 / sum_k p_k ||t_k||^2` with the Frobenius norms of a layer's
matrices together, `p_vlm = exp(-decay depth)`, `p_lrm = 1 - p_vlm`, and a depth of 1/L at the first
of L layers and 1 at the last. The paper fits its prior to how much attention goes to the image; our
decay is chosen on validation. Norms and biases stay the VLM's. Each vector is taken from its own
model's base.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

PARAMETERS = {
    "decay": Parameter(
        "How fast the VLM's prior falls with depth.", 0.0, 100.0, (0.3, 0.5, 0.7, 1.0, 2.0)
    ),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + l_vlm * t_vlm + l_lrm * t_lrm`, [m, n]."""
    from frism.arithmetic.replacement import replace_task_vector

    l_vlm, l_lrm = coefficients(matrix, parameters["decay"])
    merged = l_vlm * matrix.tau_vlm + l_lrm * matrix.tau
    return replace_task_vector(matrix.w_vlm, matrix.tau_vlm, merged, 1.0)


def coefficients(matrix: MatrixInputs, decay: float) -> tuple[float, float]:
    """Returns l_vlm and l_lrm of the layer that a matrix belongs to; their sum is 1."""
    prior = math.exp(-decay * (matrix.layer + 1) / matrix.layers)
    vlm, lrm = matrix.model.once(("squared norms", matrix.layer), lambda: _squared_norms(matrix))
    own, donated = prior * vlm, (1 - prior) * lrm
    # neither says anything: the VLM stays as it is
    share = own / (own + donated) if own + donated else 1.0
    return share, 1 - share


def _squared_norms(matrix: MatrixInputs) -> tuple[float, float]:
    everywhere = [matrix.model.matrix(name) for name in matrix.model.names]
    layer = [each for each in everywhere if each.layer == matrix.layer]
    return (
        sum(float(each.tau_vlm.norm()) ** 2 for each in layer),
        sum(float(each.tau.norm()) ** 2 for each in layer),
    )


METHOD = Method(
    slug="frank_like",
    name="FRANK-like",
    paper="after arXiv:2505.16151",
    granularity="layer",
    summary="W = W_vlm_base + l_vlm t_vlm + l_lrm t_lrm,  "
    "l_i = p_i ||t_i||^2 / sum_k p_k ||t_k||^2,  p_vlm = exp(-decay depth) = 1 - p_lrm",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    needs=("vlm_base",),
)
