"""Two ways of computing a gated layer, with gradients to its inputs and its gates alone.

    y = x (W + lambda U diag(v S) Vh)^T + b                      materialised
    y = x W^T + b + lambda ((x Vh^T) * (v S)) U^T                low rank
    dv_i = lambda S_i u_i^T (dY^T x) vh_i^T                      gates of directions, both ways

W, U and Vh are frozen, so only references to them are kept for the backward pass: they may lie in
another memory, and each use moves them to the layer and lets go of them afterwards. Products are of
the type of W; gate values, S and the gradient of the gates are float32 at least.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import linear

from frism.injection.operations import forms_again, projects
from frism.subspaces.components import DIRECTIONS, ROWS, Components, inject_components


class Frozen(NamedTuple):
    """Everything of a gated layer but its gates.

    Args:
        weight: W, [m, n].
        bias: b, [m], or None.
        components: The parts of its task vector, on any device.
        scale: lambda_lrm.
        keep: Whether the materialised matrix is kept for the backward pass or formed again.
    """

    weight: torch.Tensor
    bias: torch.Tensor | None
    components: Components
    scale: float
    keep: bool = True

    def here(self) -> Frozen:
        """Returns the same with the components on the device of W."""
        return self._replace(components=self.components.to(self.weight.device))

    def formed(self, values: torch.Tensor) -> torch.Tensor:
        """Returns `W + lambda sum_i v_i tau_i`, [m, n], in the type of W."""
        return inject_components(
            self.components, self.weight, values, self.scale, self.weight.dtype
        )


def materialised(x: torch.Tensor, values: torch.Tensor, frozen: Frozen) -> torch.Tensor:
    """Returns y, [..., m], by way of the merged matrix.

    Args:
        x: Inputs, [..., n], of the type of W.
        values: Gate values v, [components].
        frozen: Everything else.
    """
    return _Materialised.apply(x, values, frozen)  # type: ignore[no-any-return, no-untyped-call]


def low_rank(x: torch.Tensor, values: torch.Tensor, frozen: Frozen) -> torch.Tensor:
    """Returns y, [..., m]; gates stand before directions, and no matrix [m, n] is formed.

    Args:
        x: Inputs, [..., n], of the type of W.
        values: Gate values v, [r].
        frozen: Everything else.
    """
    return _LowRank.apply(x, values, frozen)  # type: ignore[no-any-return, no-untyped-call]


class _Materialised(Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, values: torch.Tensor, frozen: Frozen) -> torch.Tensor:
        weight = frozen.here().formed(values)
        ctx.frozen = frozen
        ctx.save_for_backward(x, values, *([weight] if frozen.keep else []))
        return linear(x, weight, frozen.bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        x, values, *kept = ctx.saved_tensors
        frozen, dy, dx, dv, p = ctx.frozen.here(), _flat(gradient), None, None, None
        if ctx.needs_input_grad[1]:
            dv, p = _slopes(frozen, _flat(x), dy)
        if ctx.needs_input_grad[0]:
            dx = (dy @ kept[0] if kept else _inputs(frozen, values, dy, p)).view_as(x)
        return dx, dv, None


class _LowRank(Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, values: torch.Tensor, frozen: Frozen) -> torch.Tensor:
        (u, s, vh), rows = frozen.here().components.subspace, _flat(x)
        q = _times(rows, vh.T)  # [T, r]
        ctx.frozen, ctx.shape = frozen, x.shape
        ctx.save_for_backward(values, q)
        y = linear(rows, frozen.weight, frozen.bias)
        strong = (q * (values * s)).to(y.dtype)
        y.addmm_(strong, u.to(y.dtype).T, alpha=frozen.scale)
        return y.view(*x.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        values, q = ctx.saved_tensors
        frozen, dy, dx, dv = ctx.frozen.here(), _flat(gradient), None, None
        p = _times(dy, frozen.components.subspace.u)  # [T, r]
        if ctx.needs_input_grad[1]:
            dv = _paired(frozen, p, q)
        if ctx.needs_input_grad[0]:
            dx = _inputs_apart(frozen, values, dy, p).view(ctx.shape)
        return dx, dv, None


def _flat(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(-1, x.shape[-1])


def _times(rows: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    return rows @ matrix.to(rows.dtype)


def _slopes(
    frozen: Frozen, x: torch.Tensor, dy: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Returns the gradient of the gate values, [components], and dY U, [T, r], if it was needed."""
    (m, n), components = frozen.weight.shape, frozen.components
    u, s, vh = components.subspace
    if components.axis != DIRECTIONS:
        each = (dy.T @ x) * components.tau
        return frozen.scale * each.sum(dim=1 if components.axis == ROWS else 0), None
    if projects(m, n, s.numel(), len(x)):
        p = _times(dy, u)
        return _paired(frozen, p, _times(x, vh.T)), p
    left = _times((dy.T @ x).T, u).T  # U^T (dY^T x), [r, n]
    return frozen.scale * s * (left.to(s.dtype) * vh).sum(dim=1), None


def _paired(frozen: Frozen, p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """Returns `lambda S_i sum_t p_ti q_ti` of p = dY U and q = x Vh^T, summed in the type of S."""
    s = frozen.components.subspace.s
    return frozen.scale * s * (p * q.to(s.dtype)).sum(dim=0)


def _inputs(
    frozen: Frozen, values: torch.Tensor, dy: torch.Tensor, p: torch.Tensor | None
) -> torch.Tensor:
    """Returns the gradient of the inputs, [T, n], where no matrix was kept."""
    if p is None or forms_again(len(frozen.weight), len(dy)):
        return dy @ frozen.formed(values)
    return _inputs_apart(frozen, values, dy, p)


def _inputs_apart(
    frozen: Frozen, values: torch.Tensor, dy: torch.Tensor, p: torch.Tensor
) -> torch.Tensor:
    """Returns `dY W + lambda (p * (v S)) Vh`, [T, n], of p = dY U."""
    _, s, vh = frozen.components.subspace
    dx = dy @ frozen.weight
    strong = (p * (values * s)).to(dx.dtype)
    return dx.addmm_(strong, vh.to(dx.dtype), alpha=frozen.scale)
