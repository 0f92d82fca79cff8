"""Random orthogonal directions in place of a task vector's own: a control for FRISM."""

from __future__ import annotations

import torch

from frism.arithmetic.randomness import generator
from frism.subspaces.decomposition import Subspace


def random_directions(name: str, subspace: Subspace) -> Subspace:
    """Returns directions drawn uniformly, with the singular values of `subspace`.

    Args:
        name: Canonical name of the matrix: each has its own, the same ones in every family.
        subspace: U [m, r], S [r] and Vh [r, n].
    """
    random = generator(0, "random directions", name)
    u, s, vh = subspace
    left, right = _orthonormal(u.shape, random), _orthonormal(vh.T.shape, random)
    return Subspace(left.to(u), s, right.T.contiguous().to(vh))


def _orthonormal(shape: torch.Size, random: torch.Generator) -> torch.Tensor:
    q, r = torch.linalg.qr(torch.randn(shape, generator=random))
    # without the signs of R's diagonal the distribution would not be uniform (math-ph/0609050)
    return torch.mul(q, r.diagonal().sign())
