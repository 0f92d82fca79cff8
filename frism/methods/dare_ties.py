"""DARE with TIES (arXiv 2311.03099, 2306.01708), of the VLM's own task vector and the LRM's.

Entries of both vectors are dropped with probability `p`, each by itself, and the rest divided by
`1 - p`; then signs are elected by the sum and the mean is taken over the vectors that agree, as in
`ties`. Dropping stands in the place of trimming.

mergekit's `dare_ties` restores the l1 norm of each tensor by default (`rescale: true`) and sums
what agrees (`normalize: false`). With `rescale: false`, `normalize: true`, weights of 1 and its
`lambda` divided by `1 - p` it agrees with this one, given the same random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import SEED, drop_probability, factor
from frism.methods.method import Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + lambda * disjoint mean of the task vectors after dropping`, [m, n]."""
    from frism.arithmetic.dropping import drop
    from frism.arithmetic.election import disjoint_mean
    from frism.arithmetic.randomness import generator

    kept = []
    for owner, tau in (("vlm", matrix.tau_vlm), ("lrm", matrix.tau)):
        random = generator(parameters["seed"], owner, matrix.name)
        kept.append(drop(tau, 1 - parameters["p"], random, "probability"))
    w_vlm_base = matrix.w_vlm - matrix.tau_vlm
    return w_vlm_base.add(disjoint_mean(kept), alpha=parameters["lambda"])


METHOD = Method(
    slug="dare_ties",
    name="DARE with TIES",
    paper="arXiv:2311.03099",
    granularity="model",
    summary="W = W_vlm_base + lambda mean of dropped {t_vlm, t_lrm} where signs agree",
    rescale="1/(1-p)",
    parameters={
        "lambda": factor(0.7, 0.8, 0.9, 1.0, 1.2, of="merged task vector"),
        "p": drop_probability(0.2),
        "seed": SEED,
    },
    merge=merge,
    needs=("vlm_base",),
)
