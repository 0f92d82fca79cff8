"""FRISM with its gates replaced by their mean in each matrix: a control.

The gates are those that FRISM learned with the same parameters. What this keeps of FRISM's gain
needs no choice among the directions of a matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.gated import DISTILLED, merge_with
from frism.methods.method import Learned, Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns FRISM's merge, [m, n], with the mean of the matrix's gate values in all places."""
    values = matrix.gated.values
    return merge_with(matrix, values.mean().expand_as(values), parameters)


METHOD = Method(
    slug="frism_mean",
    name="FRISM, mean gate",
    paper="control of arXiv:2601.21187",
    granularity="matrix",
    summary="W = W_vlm + lambda_lrm mean(sigma) (W_lrm - W_base), sigma of FRISM",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("direction", gates_of="frism"),
)
