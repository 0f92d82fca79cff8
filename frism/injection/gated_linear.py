"""A frozen linear layer plus the gated components of a task vector (FRISM Eq. 7, arXiv 2601.21187).

    y = (W + lambda_lrm * sum_i sigma_i tau_i) x + b

The sum in brackets is formed once per call. For T tokens that costs 4 n^3 + 2 T n^2 operations in a
square layer, while keeping the low-rank product apart costs 8 T n^2, forward and backward: forming
it is cheaper as soon as a batch has more than 2/3 n tokens, which training batches do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from frism.errors import MergeError
from frism.subspaces.components import Components, inject_components


class GatedLinear(nn.Module):
    """Wraps a linear layer; `Injection` gives it the values of its gates before each pass.

    Args:
        linear: The VLM's layer, [m, n]; it is frozen.
        components: The parts of its task vector.
        scale: lambda_lrm.

    Attributes:
        values: The gate value of each component, [components].
        injecting: Whether the task vector is added at all.
    """

    values: torch.Tensor

    def __init__(self, linear: nn.Linear, components: Components, scale: float) -> None:
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.components = components.to(linear.weight)
        self.scale = scale
        self.injecting = True

    def weight(self) -> torch.Tensor:
        """Returns the merged matrix, [m, n]."""
        return inject_components(self.components, self.linear.weight, self.values, self.scale)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps x [..., n] to [..., m]."""
        if not self.injecting:
            return self.linear(x)  # type: ignore[no-any-return]
        return nn.functional.linear(x, self.weight(), self.linear.bias)


@contextmanager
def teacher(model: nn.Module) -> Iterator[None]:
    """Switches every injection in `model` off for the duration of the block.

    The model is then the VLM itself, bit for bit, so no second copy is needed.

    Raises:
        MergeError: the model has no injected layer.
    """
    layers = [module for module in model.modules() if isinstance(module, GatedLinear)]
    if not layers:
        raise MergeError("the model has no gated layers; expected one that inject() was called on")
    before = [layer.injecting for layer in layers]
    for layer in layers:
        layer.injecting = False
    try:
        yield
    finally:
        for layer, state in zip(layers, before, strict=True):
            layer.injecting = state
