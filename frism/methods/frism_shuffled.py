"""FRISM with its gates shuffled within each matrix: a control that must not help.

The gates are those that FRISM learned with the same parameters, in a random order: the generator is
seeded with the name and the singular values of the matrix, so each family has orders of its own,
and the same ones whenever it is merged. What this keeps of FRISM's gain comes from how far the
gates of a matrix are open, and not from which of its directions are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.gated import DISTILLED, merge_with
from frism.methods.method import Learned, Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns FRISM's merge, [m, n], with the gate values of the matrix in a random order."""
    import torch

    from frism.arithmetic.randomness import generator

    components, values = matrix.gated
    random = generator(0, "shuffled gates", matrix.name, components.subspace.s.tolist())
    return merge_with(matrix, values[torch.randperm(values.numel(), generator=random)], parameters)


METHOD = Method(
    slug="frism_shuffled",
    name="FRISM, gates shuffled",
    paper="control of arXiv:2601.21187",
    granularity="direction",
    summary="W = W_vlm + lambda_lrm U diag(sigma[permutation] S) Vh, sigma of FRISM",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("direction", gates_of="frism"),
)
