"""SLERP: the point at `t` of the arc between the VLM's tensor and the LRM's, as in mergekit.

Each tensor is taken as one flattened vector; tensors whose cosine is above 0.9995 are interpolated
on a line. It needs no base, and like every interpolation it shrinks what the VLM learned. mergekit
interpolates all tensors, embeddings and head included; here norms and biases are interpolated,
embeddings and head stay the VLM's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns the point at t between `W_vlm` (0) and `W_lrm` (1), [m, n]."""
    from frism.arithmetic.interpolation import spherical

    return spherical(parameters["t"], matrix.w_vlm, matrix.w_lrm)


METHOD = Method(
    slug="slerp",
    name="SLERP",
    paper="https://github.com/arcee-ai/mergekit",
    granularity="model",
    summary="W = (sin((1-t) theta) W_vlm + sin(t theta) W_lrm) / sin(theta), theta their angle",
    rescale="none",
    parameters={
        "t": Parameter("Place between VLM (0) and LRM (1).", 0.0, 1.0, (0.1, 0.3, 0.5, 0.7, 0.9))
    },
    merge=merge,
    vectors=True,
)
