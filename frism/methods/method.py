"""What the registry knows of a merge method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

Merge = Callable[["MatrixInputs", Mapping[str, float]], "torch.Tensor"]


@dataclass(frozen=True)
class Parameter:
    """A number that a method is swept over.

    Args:
        description: What it does.
        low: Smallest allowed value.
        high: Largest allowed value.
        default: Candidate values of the default configuration.
    """

    description: str
    low: float
    high: float
    default: tuple[float, ...]


@dataclass(frozen=True)
class Method:
    """A merge method.

    Args:
        slug: Name in configuration, paths and tables.
        name: Name in text and figures.
        paper: Where it was published.
        granularity: What one coefficient governs: `model`, `layer`, `matrix`, `direction`.
        rescale: How the task vector is rescaled before it is added.
        parameters: Its coefficients by name.
        merge: Matrix inputs and coefficients to the merged matrix, [m, n] float32; maths only.
        gates: Granularity of the gates that it learns, or None where nothing is trained.
    """

    slug: str
    name: str
    paper: str
    granularity: str
    rescale: str
    parameters: Mapping[str, Parameter]
    merge: Merge
    gates: str | None = None
