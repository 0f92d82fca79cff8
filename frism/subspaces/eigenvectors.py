"""The leading eigenvectors of a Gram matrix, and coordinates in the space orthogonal to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch

# Share of the largest singular value down to which one Gram matrix settles directions. There,
# orthogonality was measured to be within 8e-9, an eighth of a unit in the last place of float32.
SETTLED = 2.0**-13
# Directions that are looked for before all eigenvectors are computed.
FEW = 64


@dataclass(frozen=True)
class Settled:
    """The leading eigenvectors of a Gram matrix G, [k, k], float64.

    Args:
        values: Square roots of their eigenvalues, [p], falling.
        head: The eigenvectors, [k, p].
        tail: The other eigenvectors, [k, k - p]; none where only the leading ones were computed.
    """

    values: torch.Tensor
    head: torch.Tensor
    tail: torch.Tensor | None

    @cached_property
    def reflections(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Householder's reflections that take the head to the first unit vectors."""
        return torch.geqrf(self.head)

    def reduce(self, columns: torch.Tensor) -> torch.Tensor:
        """Returns the coordinates of `columns`, [k, j], that are orthogonal to the head."""
        if self.tail is not None:
            return self.tail.T @ columns
        # from the right onto the transpose, which lies in memory as LAPACK wants it
        turned = torch.ormqr(*self.reflections, columns.T, left=False).T
        return turned[len(self.values) :]

    def lift(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Returns the vectors, [k, j], whose coordinates, [k - p, j], `reduce` gives."""
        if self.tail is not None:
            return self.tail @ coordinates
        below = torch.nn.functional.pad(coordinates, (0, 0, len(self.values), 0))
        return torch.ormqr(*self.reflections, below)


def settle(gram: torch.Tensor, floor: float) -> Settled:
    """Returns the eigenvectors of G whose singular values are at least SETTLED of the largest.

    Args:
        gram: G, [k, k], float64, of which only the lower triangle is read.
        floor: Singular value below which none is settled.

    Raises:
        torch.linalg.LinAlgError: The eigendecomposition did not converge.
    """
    few = _few(gram, floor) if _may_be_few(gram) else None
    return few or _all(gram, floor)


def _all(gram: torch.Tensor, floor: float) -> Settled:
    squares, vectors = (part.flip(-1) for part in torch.linalg.eigh(gram))
    if not squares.isfinite().all():  # LAPACK may return NaN without a word
        raise torch.linalg.LinAlgError("eigenvalues are not finite")  # type: ignore[attr-defined]
    values = squares.clamp(min=0).sqrt()
    count = _count(values, floor)
    return Settled(values[:count], vectors[:, :count], vectors[:, count:])


def _may_be_few(gram: torch.Tensor) -> bool:
    """Tells whether FEW eigenvalues can make up all of G, of which the lower triangle is given.

    p eigenvalues have `(sum_i l_i)^2 <= p sum_i l_i^2`, where the sums are G's trace and norm.
    """
    if len(gram) <= 4 * FEW:
        return False
    squared_norm = 2 * gram.square().sum()  # the triangle's diagonal counts twice: a bound
    return bool(gram.trace().square() <= FEW * squared_norm)


def _few(gram: torch.Tensor, floor: float) -> Settled | None:
    """Returns the settled eigenvectors if they are a few and a few products find them.

    Subspace iteration (Halko, Martinsson, Tropp, arXiv 0909.4061), accepted where the residual is
    that of a whole eigendecomposition. A low-rank change with rounding is of this kind, and a
    whole eigendecomposition would be spent on its rounding.
    """
    whole = gram.tril() + gram.tril(-1).T
    start = torch.Generator().manual_seed(0)
    basis = torch.randn(len(gram), FEW, dtype=gram.dtype, generator=start).to(gram.device)
    for _ in range(2):
        basis = torch.linalg.qr(whole @ basis).Q
    squares, turn = (part.flip(-1) for part in torch.linalg.eigh(basis.T @ whole @ basis))
    values = squares.clamp(min=0).sqrt()
    count = _count(values, floor)
    head = basis @ turn[:, :count]
    residual = torch.linalg.norm(whole @ head - head * squares[:count])
    exact = residual <= len(gram) * torch.finfo(gram.dtype).eps * squares[0]
    return Settled(values[:count], head, None) if count < FEW and exact else None


def _count(values: torch.Tensor, floor: float) -> int:
    if not len(values):
        return 0
    return int(((values >= SETTLED * values[0]) & (values > floor)).sum())
