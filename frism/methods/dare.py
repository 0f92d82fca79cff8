"""DARE (arXiv 2311.03099): entries are dropped at random and the rest rescaled, then added.

Each entry of the LRM's task vector is dropped with probability `p`; the others are divided by
`1 - p`, so that the expected value of each entry is unchanged. The published drop rates of 0.9 and
more are for task vectors of supervised fine-tuning, whose entries are small; the spread that
dropping adds has `p / (1 - p)` times the squared norm of the task vector, so the default is lower.

mergekit's `dare_linear` has `rescale: true` by default, which restores the l1 norm of each tensor
instead: `rescale=norm`. With `rescale: false` and weights divided by `1 - p` it is the published
one. Random numbers depend on the seed and the matrix's name; mergekit draws all from one stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import RESCALE, SEED, drop_probability, factor
from frism.methods.method import Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm + lambda * (mask * tau) / (1 - p)`, [m, n]."""
    from frism.arithmetic.dropping import drop
    from frism.arithmetic.randomness import generator

    random = generator(parameters["seed"], "lrm", matrix.name)
    kept = drop(matrix.tau, 1 - parameters["p"], random, parameters["rescale"])
    return matrix.w_vlm.add(kept, alpha=parameters["lambda"])


METHOD = Method(
    slug="dare",
    name="DARE",
    paper="arXiv:2311.03099",
    granularity="model",
    summary="W = W_vlm + lambda mask (W_lrm - W_base) / (1 - p), mask ~ Bernoulli(1 - p)",
    rescale="1/(1-p); the l1 norm with rescale=norm",
    parameters={
        "lambda": factor(0.1, 0.3, 0.5, 0.7, 1.0),
        "p": drop_probability(0.2),
        "seed": SEED,
        "rescale": RESCALE,
    },
    merge=merge,
)
