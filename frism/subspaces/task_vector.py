"""Task vectors: what training added to a weight matrix (arXiv 2212.04089)."""

from __future__ import annotations

import math

import torch

from frism.errors import MergeError


def task_vector(name: str, w_tuned: torch.Tensor, w_base: torch.Tensor) -> torch.Tensor:
    """Returns `tau = w_tuned - w_base` in float32.

    Args:
        name: Name of the matrix, for errors.
        w_tuned: Matrix of the tuned model, [m, n], any floating type.
        w_base: Matrix of the model that it was tuned from, [m, n].

    Raises:
        MergeError: shapes differ, or a value is infinite or not a number.
    """
    if w_tuned.shape != w_base.shape:
        raise MergeError(
            f"tensor '{name}' has shape {list(w_tuned.shape)} in the tuned model but "
            f"{list(w_base.shape)} in its base; expected the same architecture"
        )
    # in place: a block's tensors must not outgrow the processor's cache
    tau = w_tuned.to(torch.float32, copy=True).sub_(w_base.float())
    check_finite(name, tau)
    return tau


def check_finite(name: str, matrix: torch.Tensor) -> None:
    """Raises MergeError when `matrix` has a value that is infinite or not a number."""
    # the norm is finite only if every value is, up to an overflow that the second look settles
    if math.isfinite(torch.linalg.vector_norm(matrix)):
        return
    broken = int((~torch.isfinite(matrix)).sum())
    if not broken:
        return
    raise MergeError(
        f"tensor '{name}' has {broken} values that are infinite or not a number, of "
        f"{matrix.numel()}; expected finite weights: check both checkpoints"
    )


def relative_norm(tau: torch.Tensor, weight: torch.Tensor) -> float:
    """Returns `||tau|| / ||W||`, Frobenius norms: how far training moved a matrix."""
    return float(tau.float().norm() / weight.float().norm().clamp_min(1e-30))
