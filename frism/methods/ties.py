"""TIES as published (arXiv 2306.01708), of the VLM's own task vector and the LRM's.

Each of the two vectors keeps its `density` largest magnitudes, over all matrices together; each
entry's sign is elected by the sum of what is left; the mean is taken over the vectors that agree
with it. `lambda` is the factor of that mean, so it scales what the VLM learned, too.

Entries that tie the smallest kept magnitude are all kept. An entry whose sum is 0 adds nothing.
The authors' code keeps one entry more, and lets such an entry take the sign of the majority of all
entries. mergekit's `ties` trims each tensor by itself and elects by a weighted sum, in which 0
counts as positive: see `ties_tensor`. Without trimming, with weights of 1 and its default
`normalize: true`, it agrees with this one.
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
    """Returns `W_vlm_base + lambda * disjoint mean of the trimmed task vectors`, [m, n]."""
    from frism.arithmetic.election import disjoint_mean
    from frism.arithmetic.whole_vector import trimmed, trimmed_vlm

    kept = [trimmed(matrix, parameters["density"]), trimmed_vlm(matrix, parameters["density"])]
    w_vlm_base = matrix.w_vlm - matrix.tau_vlm
    return w_vlm_base.add(disjoint_mean(kept), alpha=parameters["lambda"])


METHOD = Method(
    slug="ties",
    name="TIES",
    paper="arXiv:2306.01708",
    granularity="model",
    summary="W = W_vlm_base + lambda mean of trimmed {t_vlm, t_lrm} where signs agree",
    rescale="none",
    parameters={
        "lambda": factor(0.8, 1.0, 1.2, 1.4, 1.6, of="merged task vector"),
        "density": density(0.2, "each whole task vector"),
    },
    merge=merge,
    rowwise=True,
    needs=("vlm_base",),
)
