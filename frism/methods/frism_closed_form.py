"""FRISM's gates without training: set in closed form from the curvature of the perception loss.

Along direction i the loss of a merge is to second order, with the cap c = lambda_lrm,

    L(sigma) = 1/2 c^2 h_i sigma^2 - alpha S_i^2 / Z sigma^2        Z = sum over the model of S^2
    dL/dsigma = (c^2 h_i - 2 alpha S_i^2 / Z) sigma

where h_i is the curvature of the distillation loss (Eq. 8) and the second term the injection loss
(Eq. 9); this is the second-order view of the paper (arXiv 2601.21187). Two rules make gates of it:

- `stationary`: the bracket has one sign for all sigma in [0, 1], so the box-constrained minimum is
  sigma = 1 where it is negative and 0 elsewhere;
- `ratio`: sigma = a / (a + c^2 h_i) with a = 2 alpha S_i^2 / Z, the minimiser of
  1/2 c^2 h_i sigma^2 + 1/2 a (1 - sigma)^2: what is not injected costs a instead of what is being
  rewarded. It is ours; it opens the same directions above one half that `stationary` opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.gated import ALPHA, LAMBDA_LRM, RESTRICTION
from frism.methods.method import Choice, Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs, ModelInputs

STATIONARY, RATIO = "stationary", "ratio"
PARAMETERS = {
    "alpha": ALPHA,
    "lambda_lrm": LAMBDA_LRM,
    "rule": Choice(
        "How gates follow from curvature and energy.", (STATIONARY, RATIO), optional=STATIONARY
    ),
    **RESTRICTION,
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns Eq. 7, [m, n], with gates from curvature and energy."""
    from frism.subspaces.decomposition import compose
    from frism.subspaces.restriction import restrict

    energy, modules = parameters["energy"], parameters["modules"]
    kept = restrict(matrix.name, matrix.subspace, energy, modules)
    factor = parameters["lambda_lrm"]
    harm = factor**2 * matrix.curvature[: kept.s.numel()]
    gain = 2 * parameters["alpha"] * kept.s.square() / total_energy(matrix.model)
    gates = closed_form(harm, gain, parameters["rule"])
    return compose(kept, gates * kept.s, matrix.w_vlm, factor)


def closed_form(harm: torch.Tensor, gain: torch.Tensor, rule: str) -> torch.Tensor:
    """Returns the gates, [r].

    Args:
        harm: Curvature of the perception loss along each direction, c^2 h, [r].
        gain: Curvature of the injection term, 2 alpha S^2 / Z, [r].
        rule: `stationary` or `ratio`.
    """
    if rule == STATIONARY:
        return (gain > harm).to(gain)
    # a direction without either moves nothing and costs nothing
    return gain / (gain + harm).clamp_min(1e-30)


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
    summary="W = W_vlm + lambda_lrm U diag(sigma S) Vh, sigma_i = [2 alpha S_i^2 / Z > h_i]",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    needs=("curvature",),
)
