"""DELLA (arXiv 2406.11617): entries are dropped at random, small ones more often.

In each row the probability of dropping falls evenly with the rank of the magnitude, from
`p + epsilon` at the smallest entry to `p - epsilon` at the largest, as in mergekit; the paper's
epsilon is the whole width of the range. Each kept entry is divided by its own probability of being
kept. With one donor the election of signs and the mean that follow change nothing.

mergekit's `della_linear` restores the l1 norm of each tensor instead: `rescale=norm`. Random
numbers depend on the seed and the matrix's name; mergekit draws all from one stream. The default
`p` is low for the reason given at `dare`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import RESCALE, SEED, drop_probability, factor
from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm + lambda * mask * tau / (1 - p_ij)`, [m, n]."""
    from frism.arithmetic.dropping import drop, ranked_keep
    from frism.arithmetic.randomness import generator

    keep = ranked_keep(matrix.tau, parameters["p"], parameters["epsilon"])
    random = generator(parameters["seed"], "lrm", matrix.name)
    kept = drop(matrix.tau, keep, random, parameters["rescale"])
    return matrix.w_vlm.add(kept, alpha=parameters["lambda"])


def conflict(parameters: Mapping[str, Any]) -> str | None:
    """Returns what is wrong where the probabilities of dropping are not in [0, 1)."""
    p, epsilon = parameters["p"], parameters["epsilon"]
    if p - epsilon >= 0 and p + epsilon < 1:
        return None
    return (
        f"p = {p:g} with epsilon = {epsilon:g}; expected p - epsilon at least 0 and p + epsilon "
        "below 1"
    )


METHOD = Method(
    slug="della",
    name="DELLA",
    paper="arXiv:2406.11617",
    granularity="model",
    summary="W = W_vlm + lambda mask (W_lrm - W_base) / (1 - p_ij), p_ij by rank within a row",
    rescale="1/(1-p_ij); the l1 norm with rescale=norm",
    parameters={
        "lambda": factor(0.1, 0.3, 0.5, 0.7, 1.0),
        "p": drop_probability(0.2),
        "epsilon": Parameter(
            "Half of the range of the probabilities; p - epsilon is at least 0 and p + epsilon "
            "below 1.",
            0.0,
            0.5,
            optional=0.15,
        ),
        "seed": SEED,
        "rescale": RESCALE,
    },
    merge=merge,
    conflict=conflict,
)
