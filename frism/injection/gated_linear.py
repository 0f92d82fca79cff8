"""A frozen linear layer plus the gated components of a task vector (FRISM Eq. 7, arXiv 2601.21187).

    y = (W + lambda_lrm * sum_i sigma_i tau_i) x + b

In training the sum in brackets is formed once per call, or the components are kept apart as a
product of low rank, whichever takes fewer operations for the tokens of the call. Without gradients
it is always formed, so that what is measured is the merged model, bit for bit. (A model in half
precision forms it in half precision, too; a merge writes what it forms in float32, rounded, so a
few numbers in a hundred then differ in their last bit.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from frism.errors import MergeError
from frism.injection.operations import DENSE, LOW_RANK, cheapest
from frism.injection.paths import Frozen, low_rank, materialised
from frism.subspaces.components import DIRECTIONS, Components
from frism.subspaces.decomposition import Subspace


class GatedLinear(nn.Module):
    """Wraps a linear layer; `Injection` gives it the values of its gates before each pass.

    Args:
        linear: The VLM's layer, [m, n]; it is frozen.
        components: The parts of its task vector; U and Vh keep their type.
        scale: lambda_lrm.
        offload: Whether U and Vh stay in CPU memory and come to the layer for each use.
        keep: Whether a formed matrix is kept for the backward pass; if not, it is formed again.

    Attributes:
        values: The gate value of each component, [components], on the device of the layer.
        injecting: Whether the task vector is added at all.
    """

    values: torch.Tensor

    def __init__(
        self,
        linear: nn.Linear,
        components: Components,
        scale: float,
        offload: bool = False,
        keep: bool = True,
    ) -> None:
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.components = _held(components, linear.weight, offload)
        self.scale = scale
        self.keep = keep
        self.injecting = True

    def weight(self) -> torch.Tensor:
        """Returns the merged matrix, [m, n]."""
        return self._frozen().here().formed(self.values)

    def path(self, tokens: int) -> str:
        """Returns how outputs are computed for `tokens` inputs in training, see `operations`."""
        if self.components.axis != DIRECTIONS:
            return DENSE
        m, n = self.linear.weight.shape
        return cheapest(m, n, self.components.count, tokens, self.keep)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps x [..., n] to [..., m]."""
        if not self.injecting:
            return self.linear(x)  # type: ignore[no-any-return]
        learns = torch.is_grad_enabled()
        if learns and self.path(x.numel() // x.shape[-1]) == LOW_RANK:
            return low_rank(x, self.values, self._frozen())
        return materialised(x, self.values, self._frozen())

    def _frozen(self) -> Frozen:
        weight, bias = self.linear.weight, self.linear.bias
        return Frozen(weight, bias, self.components, self.scale, self.keep)


def gate_type(weight: torch.Tensor) -> torch.dtype:
    """Returns the type of gates before `weight`: float32, or float64 for a model in float64."""
    return torch.promote_types(weight.dtype, torch.float32)


def _held(components: Components, weight: torch.Tensor, offload: bool) -> Components:
    u, s, vh = components.subspace
    home = torch.device("cpu") if offload else weight.device
    u, vh = u.to(home), vh.to(home)
    if offload and torch.cuda.is_available():
        u, vh = u.pin_memory(), vh.pin_memory()
    return Components(Subspace(u, s.to(weight.device, gate_type(weight)), vh), components.axis)


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
