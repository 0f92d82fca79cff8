"""TIES of the LRM's task vector alone (arXiv 2306.01708): its trimming, added to the VLM.

With one vector the elected sign is its own and the mean is itself, so what remains of TIES is the
trimming over all matrices together. It needs no base of the VLM. Entries that tie the smallest
kept magnitude are all kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import density, factor
from frism.methods.method import Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm + lambda * trimmed task vector`, [m, n]."""
    from frism.arithmetic.whole_vector import trimmed

    return matrix.w_vlm.add(trimmed(matrix, parameters["density"]), alpha=parameters["lambda"])


METHOD = Method(
    slug="ties_donor",
    name="TIES, LRM only",
    paper="arXiv:2306.01708",
    granularity="model",
    summary="W = W_vlm + lambda trim(W_lrm - W_base), trimmed over all matrices together",
    rescale="none",
    parameters={
        "lambda": factor(0.1, 0.3, 0.6, 1.0, 1.4, of="trimmed task vector"),
        "density": density(0.2, "the whole task vector"),
    },
    merge=merge,
    rowwise=True,
)
