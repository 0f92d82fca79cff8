"""A frozen linear layer plus the gated subspaces of a task vector (FRISM Eq. 7, arXiv 2601.21187).

    y = (W + lambda_lrm * U diag(sigmoid(g) * S) Vh) x + b

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
from frism.subspaces.decomposition import Subspace, compose


class GatedLinear(nn.Module):
    """Wraps a linear layer; the gate is its only parameter that learns.

    Args:
        linear: The VLM's layer, [m, n]; it is frozen.
        subspace: U [m, r], S [r], Vh [r, n] of the task vector; frozen.
        gate: Raw gates g, shared by all layers of one group.
        index: Which gate each direction obeys, int64 [r].
        scale: lambda_lrm.
    """

    u: torch.Tensor
    s: torch.Tensor
    vh: torch.Tensor
    index: torch.Tensor

    def __init__(
        self,
        linear: nn.Linear,
        subspace: Subspace,
        gate: nn.Parameter,
        index: torch.Tensor,
        scale: float,
    ) -> None:
        super().__init__()
        self.linear = linear.requires_grad_(False)
        weight = linear.weight
        for name, tensor in zip(("u", "s", "vh"), subspace, strict=True):
            self.register_buffer(name, tensor.to(weight), persistent=False)
        self.register_buffer("index", index.to(weight.device), persistent=False)
        self.gate = gate
        self.scale = scale
        self.injecting = True

    def values(self) -> torch.Tensor:
        """Returns the gate value sigmoid(g) of each direction, [r]."""
        return torch.sigmoid(self.gate)[self.index]

    def weight(self) -> torch.Tensor:
        """Returns the merged matrix, [m, n]."""
        subspace = Subspace(self.u, self.s, self.vh)
        return compose(subspace, self.values() * self.s, self.linear.weight, self.scale)

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
