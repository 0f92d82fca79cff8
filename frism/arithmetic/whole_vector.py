"""Task vectors trimmed over all matrices of a model together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import torch

from frism.arithmetic.trimming import magnitude_threshold, trim

if TYPE_CHECKING:
    from frism.methods.matrix import MatrixInputs, ModelInputs

Vector = Callable[["MatrixInputs"], torch.Tensor]


def trimmed(matrix: MatrixInputs, density: float) -> torch.Tensor:
    """Returns the LRM's task vector, [m, n], with its largest magnitudes over the whole model.

    Args:
        matrix: The matrix whose part of the task vector is returned.
        density: Share of all entries that is kept.
    """
    return trim(matrix.tau, _threshold(matrix.model, "lrm", lambda each: each.tau, density))


def trimmed_vlm(matrix: MatrixInputs, density: float) -> torch.Tensor:
    """Returns the VLM's own task vector, [m, n], trimmed in the same way."""
    threshold = _threshold(matrix.model, "vlm", lambda each: each.tau_vlm, density)
    return trim(matrix.tau_vlm, threshold)


def _threshold(model: ModelInputs, owner: str, vector: Vector, density: float) -> float:
    def vectors() -> Iterable[torch.Tensor]:
        return (vector(model.matrix(name)) for name in model.names)

    key = ("threshold", owner, density)
    return model.once(key, lambda: magnitude_threshold(vectors, density))
