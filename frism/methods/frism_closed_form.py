"""FRISM's gates without training: set in closed form from the curvature of the perception loss.

In the second-order view of the paper (arXiv 2601.21187) the gradient of FRISM's loss is

    dL / dsigma_i = (c^2 h_i - a_i) sigma_i    with a_i = 2 alpha S_i^2 / Z

where h_i is the curvature of the distillation loss (Eq. 8) along direction i, c = lambda_lrm the
cap, and a_i comes from the injection loss (Eq. 9), Z being the sum of all squared singular values
of the model. Two rules make gates of it:

- `stationary`: the bracket has one sign for all sigma in [0, 1], so the box-constrained minimum is
  sigma = 1 where it is negative and 0 elsewhere;
- `ratio`: sigma = a_i / (a_i + c^2 h_i), the minimiser of 1/2 c^2 h_i sigma^2 +
  1/2 a_i (1 - sigma)^2: instead of a reward for what is injected there is a price for what is not.
  It is ours; it opens above one half the directions that `stationary` opens.

And there are two curvatures:

- `diagonal`: the second derivative along the direction alone at sigma = 0, H_ii;
- `secant`: the slope where all directions are half injected, divided by 1/2, which for a
  quadratic loss is sum_j H_ij; a direction along which the loss falls there stays open. The sign
  of the bracket is then that of the first gradient of training, which starts at sigma = 1/2.

The loss of real merges grows much faster than quadratically, and directions act together. On two
development families, on whose validation alpha was set for both, gates from the secant came near to
learned ones: reasoning 49.6 at perception 97.4, learned 49.6 at 98.2, the VLM 19.4 at 98.1; both
owe it to one family, in the other neither raised reasoning. The diagonal had at most 10 where
perception was kept, though per energy it tells well which of the strongest directions training
closes. Slopes at sigma = 1/4 and at full injection lost six points of perception or more before
reasoning rose; a third of the images costs up to two points of perception. Gates set again after
each of twelve batches were no better than those of the one pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from frism.methods.gated import ALPHA, LAMBDA_LRM, RESTRICTION
from frism.methods.method import Choice, Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs, ModelInputs

STATIONARY, RATIO = "stationary", "ratio"
SECANT, DIAGONAL = "secant", "diagonal"
PARAMETERS = {
    "alpha": replace(ALPHA, default=(0.1, 0.3, 0.5, 0.7, 1.0)),
    "lambda_lrm": LAMBDA_LRM,
    "rule": Choice(
        "How gates follow from curvature and energy.", (RATIO, STATIONARY), optional=RATIO
    ),
    "curvature": Choice("Which curvature.", (SECANT, DIAGONAL), optional=SECANT),
    **RESTRICTION,
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns Eq. 7, [m, n], with gates from curvature and energy."""
    from frism.subspaces.decomposition import compose
    from frism.subspaces.restriction import restrict

    energy, modules = parameters["energy"], parameters["modules"]
    kept = restrict(matrix.name, matrix.subspace, energy, modules)
    factor = parameters["lambda_lrm"]
    curvature = matrix.secant if parameters["curvature"] == SECANT else matrix.curvature
    harm = factor**2 * curvature[: kept.s.numel()]
    gain = 2 * parameters["alpha"] * kept.s.square() / total_energy(matrix.model)
    gates = closed_form(harm, gain, parameters["rule"])
    return compose(kept, gates * kept.s, matrix.w_vlm, factor)


def closed_form(harm: torch.Tensor, gain: torch.Tensor, rule: str) -> torch.Tensor:
    """Returns the gates, [r].

    Args:
        harm: Curvature of the perception loss along each direction, c^2 h, [r].
        gain: What the injection loss sets against it, a, [r].
        rule: `stationary` or `ratio`.
    """
    if rule == STATIONARY:
        return (gain > harm).to(gain)
    # where the loss falls, nothing speaks against injection; without either nothing moves
    return gain / (gain + harm.clamp_min(0)).clamp_min(1e-30)


def total_energy(model: ModelInputs) -> float:
    """Returns Z, the sum of all squared singular values of the model."""
    return model.once(
        "total energy",
        lambda: sum(
            float(model.matrix(name).subspace.s.double().square().sum()) for name in model.names
        ),
    )


METHOD = Method(
    slug="frism_closed_form",
    name="FRISM, closed form",
    paper="theory of arXiv:2601.21187",
    granularity="direction",
    summary="W = W_vlm + lambda_lrm U diag(sigma S) Vh, sigma = a / (a + h), a = 2 alpha S^2 / Z",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    needs=("curvature",),
    directions=("lrm",),
)
