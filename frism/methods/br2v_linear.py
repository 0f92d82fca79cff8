"""BR2V's convex combination (arXiv 2505.05464): `W = a W_vlm + (1 - a) W_lrm`.

Not Task Arithmetic: with a share `1 - a` of the LRM comes the loss of the same share of what the
VLM learned, and no base is needed. Norms and biases are combined, too; embeddings and head stay the
VLM's. The authors take a = 0.9 for every pair; the default candidates span the whole range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

SHARE = Parameter("Share of the VLM.", 0.0, 1.0, (0.1, 0.3, 0.5, 0.7, 0.9))


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `a * w_vlm + (1 - a) * w_lrm`, [m, n]."""
    from frism.arithmetic.interpolation import linear

    return linear(parameters["a"], matrix.w_vlm, matrix.w_lrm)


METHOD = Method(
    slug="br2v_linear",
    name="BR2V linear",
    paper="arXiv:2505.05464",
    granularity="model",
    summary="W = a W_vlm + (1 - a) W_lrm",
    rescale="none",
    parameters={"a": SHARE},
    merge=merge,
    vectors=True,
    rowwise=True,
)
