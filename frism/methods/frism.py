"""FRISM (arXiv 2601.21187): one learned gate per singular direction of the task vector.

W = W_vlm + lambda_lrm * U diag(sigmoid(g) * S) Vh    (Eq. 7)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.method import Learned, Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

PARAMETERS = {
    "alpha": Parameter(
        "Weight of the injection term against distillation.", 0.0, 1e4, (0.01, 0.03, 0.1, 0.3, 1.0)
    ),
    "lambda_lrm": Parameter("Factor of the injection: the cap of every gate.", 0.0, 2.0, (1.0,)),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns Eq. 7, [m, n]; alpha acted on the gates when they were trained."""
    from frism.subspaces.decomposition import compose

    values = matrix.gate_values * matrix.subspace.s
    return compose(matrix.subspace, values, matrix.w_vlm, parameters["lambda_lrm"])


METHOD = Method(
    slug="frism",
    name="FRISM",
    paper="arXiv:2601.21187",
    granularity="direction",
    summary="W = W_vlm + lambda_lrm U diag(sigmoid(g) S) Vh, one g per singular direction",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    learned=Learned("direction"),
)
