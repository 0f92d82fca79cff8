"""Task Arithmetic (arXiv 2212.04089), additive: `W = W_vlm + lambda * (W_lrm - W_base)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `w_vlm + lambda * tau`, [m, n]."""
    return (matrix.tau * parameters["lambda"]).add_(matrix.w_vlm)


METHOD = Method(
    slug="task_arithmetic",
    name="Task Arithmetic",
    paper="arXiv:2212.04089",
    granularity="model",
    summary="W = W_vlm + lambda (W_lrm - W_base)",
    rescale="none",
    parameters={
        "lambda": Parameter("Factor of the task vector.", 0.0, 2.0, (0.1, 0.3, 0.5, 0.7, 1.0))
    },
    merge=merge,
    rowwise=True,
)
