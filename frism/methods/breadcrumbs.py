"""Model Breadcrumbs (arXiv 2312.06795): the largest and the smallest entries are masked out.

In each matrix the share `gamma` of the largest magnitudes is set to 0, for outliers may be what
interferes, and the smallest ones too, until the share `density` is left. As in mergekit, fewer
outliers are masked where `density + gamma` is above 1; shares are rounded down to whole entries,
and of equal magnitudes the earlier ones count as smaller, which mergekit leaves open. Nothing is
rescaled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import density, factor
from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm + lambda * masked tau`, [m, n]."""
    from frism.arithmetic.trimming import breadcrumbs

    kept = breadcrumbs(matrix.tau, parameters["density"], parameters["gamma"])
    return matrix.w_vlm.add(kept, alpha=parameters["lambda"])


METHOD = Method(
    slug="breadcrumbs",
    name="Breadcrumbs",
    paper="arXiv:2312.06795",
    granularity="model",
    summary="W = W_vlm + lambda mask (W_lrm - W_base), without largest and smallest entries",
    rescale="none",
    parameters={
        "lambda": factor(0.1, 0.3, 0.5, 0.7, 1.0, of="masked task vector"),
        "density": density(0.9, "each matrix"),
        "gamma": Parameter("Share of the largest that is masked.", 0.0, 1.0, optional=0.01),
    },
    merge=merge,
)
