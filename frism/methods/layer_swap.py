"""BR2V's layer swap (arXiv 2505.05464): early layers stay the VLM's, later ones are combined.

Perception is thought to lie in the early layers. The authors keep the layers up to number 5 of 28
or 32 and take a = 0.9; `depth` says the same as a share of the layers, rounded to whole ones, so
that it fits models of any depth: 0.2 keeps layers 0 to 5 of 28 and of 32, and one layer of 3. Later
layers and the last norm are those of `br2v_linear`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods import br2v_linear
from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `w_vlm` in the early layers, `a * w_vlm + (1 - a) * w_lrm` in the later ones."""
    early = matrix.layer < round(parameters["depth"] * matrix.layers)
    return matrix.w_vlm if early else br2v_linear.merge(matrix, parameters)


METHOD = Method(
    slug="layer_swap",
    name="BR2V layer swap",
    paper="arXiv:2505.05464",
    granularity="layer",
    summary="W = W_vlm up to a depth, a W_vlm + (1 - a) W_lrm behind it",
    rescale="none",
    parameters={
        "a": br2v_linear.SHARE,
        "depth": Parameter("Share of the layers that stay the VLM's.", 0.0, 1.0, (0.2,)),
    },
    merge=merge,
    vectors=True,
    rowwise=True,
)
