"""What the methods with gates have in common: their parameters, and the merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.method import Choice, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

PROJECTIONS = ("q", "k", "v", "o", "gate", "up", "down")
MODULES = (
    "all",
    *(f"only_{each}" for each in PROJECTIONS),
    *(f"without_{each}" for each in PROJECTIONS),
)
CALIBRATIONS = ("mixed", "read", "item", "count", "last", "noise", "text")

ALPHA = Parameter(
    "Weight of the injection term against distillation.", 0.0, 1e4, (0.03, 0.1, 0.3, 1.0, 3.0)
)
LAMBDA_LRM = Parameter("Factor of the injection: the cap of every gate.", 0.0, 2.0, (1.0,))
RESTRICTION: dict[str, Parameter | Choice] = {
    "energy": Parameter(
        "Share of each matrix's squared singular values that is kept: the fewest leading "
        "directions that hold it; the others get the gate 0.",
        0.0,
        1.0,
        optional=1.0,
    ),
    "modules": Choice(
        "Projections whose matrices are injected; the others get the gate 0.",
        MODULES,
        optional="all",
    ),
}
CALIBRATION: dict[str, Parameter | Choice] = {
    "calibration": Choice(
        "Which calibration questions are used: all kinds of short ones, one kind alone, all kinds "
        "about images of noise, or with the image's content as text.",
        CALIBRATIONS,
        optional="mixed",
    ),
    "images": Parameter(
        "Number of calibration questions; 0 for the configuration's.",
        0,
        100_000,
        optional=0,
        whole=True,
    ),
}
DISTILLED: dict[str, Parameter | Choice] = {
    "alpha": ALPHA,
    "lambda_lrm": LAMBDA_LRM,
    **RESTRICTION,
    **CALIBRATION,
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `w_vlm + lambda_lrm * sum_i sigma_i tau_i`, [m, n]; lambda_lrm is 1 if not given.

    All other parameters acted on the gates sigma when they were trained.
    """
    return merge_with(matrix, matrix.gated.values, parameters)


def merge_with(
    matrix: MatrixInputs, values: torch.Tensor, parameters: Mapping[str, Any]
) -> torch.Tensor:
    """Returns what `merge` does, [m, n], with other values, [components], in place of the gates."""
    from frism.subspaces.components import inject_components

    components = matrix.gated.components
    return inject_components(components, matrix.w_vlm, values, parameters.get("lambda_lrm", 1.0))
