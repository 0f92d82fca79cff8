"""Points between two weight tensors, on a line or on an arc."""

from __future__ import annotations

import torch

PARALLEL = 0.9995
ZERO_NORM = 1e-8


def linear(share: float, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Returns the convex combination `share * first + (1 - share) * second`, any shape."""
    return share * first + (1 - share) * second


def spherical(t: float, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Returns the point at `t` of the arc from `first` (0) to `second` (1), any shape.

    `(sin((1-t) theta) first + sin(t theta) second) / sin(theta)`, theta the angle between the
    flattened tensors. Nearly parallel ones, `|cos| > 0.9995`, are interpolated on a line, for
    sin(theta) vanishes.
    """
    cosine = _cosine(first, second)
    if abs(cosine) > PARALLEL:
        return linear(1 - t, first, second)
    theta = torch.acos(torch.tensor(cosine, dtype=torch.float64))
    shares = torch.sin(torch.tensor([1 - t, t], dtype=torch.float64) * theta) / torch.sin(theta)
    return shares[0].item() * first + shares[1].item() * second


def _cosine(first: torch.Tensor, second: torch.Tensor) -> float:
    directions = []
    for tensor in (first, second):
        norm = torch.linalg.vector_norm(tensor, dtype=torch.float64)
        directions.append(tensor / norm if norm > ZERO_NORM else tensor)
    product = (directions[0] * directions[1]).sum(dtype=torch.float64)
    return float(product.clamp(-1, 1))
