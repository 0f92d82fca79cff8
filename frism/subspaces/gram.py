"""Singular value decomposition from the eigenvectors of a Gram matrix.

With `A = U S Vh`, [m, n] and m <= n, `A A^T = U S^2 U^T` and `Vh = S^-1 U^T A`: the eigenvectors of
a matrix of size m and two large products, where LAPACK's decomposition works through all of A again
and again. (A tall A is decomposed as its transpose.)

Squaring halves the digits, so it is done in float64, and one Gram matrix is good for the larger
directions only: rows i and j of `U^T A` are orthogonal to `eps S_1^2 / (S_i S_j)`. What is left,
`U_t^T A`, has a smaller `S_1`, and its own Gram matrix serves it just as well. So directions are
settled in levels, each down to 2^-13 of its largest; most spectra are one level.

Memory beside A: the result, about five float64 matrices of size m, and where a second level is
needed, a float64 copy of A (benchmarks/svd.py measures it).
"""

from __future__ import annotations

import torch

from frism.subspaces.eigenvectors import Settled, settle
from frism.subspaces.products import CHUNK, column_chunks, gram, multiply, project_out

# Share of the largest singular value below which a direction is rounding, even in float64.
NULL = 2.0**-40
# Rows of `U^T A` whose singular value is at least this share of the largest are float32 products:
# those err by about 4e-7 of the norms of A's columns, less than LAPACK's decomposition in float32.
SINGLE = 2.0**-2


def gram_svd(matrix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns U [m, r], S [r] falling and Vh [r, n], float32, with r = min(m, n).

    U and Vh are orthonormal whatever the rank; where a singular value is zero, their directions
    complete those of the others.

    Args:
        matrix: A, [m, n], float32, finite.

    Raises:
        torch.linalg.LinAlgError: The eigendecomposition did not converge.
    """
    wide = matrix.shape[0] <= matrix.shape[1]
    # the longer factor has the shape of the matrix, and is written in place
    longer = torch.empty_like(matrix, memory_format=torch.contiguous_format)
    rows = longer if wide else longer.T
    vectors, values = _settle(matrix if wide else matrix.T, rows, 0, 0.0)
    shorter = vectors.to(matrix)
    # rounding may swap neighbours of the same value
    s = values.cummin(0).values.to(matrix)
    if wide:
        return shorter.contiguous(), s, longer
    return longer, s, shorter.T.contiguous()


def _settle(
    rest: torch.Tensor, vh: torch.Tensor, done: int, floor: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Writes the right vectors of `rest` into `vh`, below the first `done` rows.

    Args:
        rest: What is still to be decomposed, [k, n], orthogonal to the rows that are done.
        vh: Right singular vectors, [done + k, n].
        done: Number of rows of `vh` that are settled.
        floor: Singular value below which a direction is null.

    Returns:
        The left vectors of `rest` [k, k] and its singular values [k], float64.
    """
    level = settle(gram(rest), floor)
    count, size = len(level.values), len(rest)
    if not count:
        _complete(vh, done)
        return torch.eye(size).to(level.head), level.values.new_zeros(size)
    _write_rows(level, rest, vh[done : done + count])
    if count == size:
        return level.head, level.values
    left, values = _settle(
        _remainder(level, rest, vh[: done + count]),
        vh,
        done + count,
        floor or NULL * float(level.values[0]),
    )
    return torch.cat([level.head, level.lift(left)], 1), torch.cat([level.values, values])


def _write_rows(level: Settled, rest: torch.Tensor, vh: torch.Tensor) -> None:
    """Writes `S^-1 U^T A`, [p, n], for the settled directions U [k, p] of A [k, n]."""
    factors = (level.head / level.values).T
    largest = level.values[0]
    split = int((level.values >= SINGLE * largest).sum()) if _may_use_single(rest, largest) else 0
    multiply(factors[:split].float(), rest, vh[:split])
    multiply(factors[split:], rest, vh[split:])


def _may_use_single(matrix: torch.Tensor, largest: torch.Tensor) -> bool:
    """Tells whether float32 products of the matrix have all digits and no under- or overflow.

    On a GPU they may be products of TensorFloat-32.
    """
    exact = matrix.device.type == "cpu" and torch.get_float32_matmul_precision() == "highest"
    return exact and bool(2.0**-60 < largest < 2.0**60)


def _remainder(level: Settled, rest: torch.Tensor, settled: torch.Tensor) -> torch.Tensor:
    """Returns what is left of A [k, n] beside the settled directions, [k - p, n], float64.

    Args:
        level: The directions of A that were settled last, p of them.
        rest: A.
        settled: The right vectors of all that are settled, [done, n].
    """
    left = level.head.new_empty(len(rest) - len(level.values), rest.shape[1])
    for columns in column_chunks(rest):
        left[:, columns] = level.reduce(rest[:, columns].double())
    project_out(left, settled)
    return left


def _complete(vh: torch.Tensor, done: int) -> None:
    """Writes an orthonormal complement of the first `done` rows of `vh` [r, n] into the others.

    The reflections (Householder's) that take the settled rows to the first unit vectors take the
    next unit vectors back to the complement, orthonormal to the last bits whatever the rows hold.
    """
    if not done:
        vh.zero_().fill_diagonal_(1)
        return
    reflections = torch.geqrf(vh[:done].double().T)
    width = max(1, CHUNK // vh.shape[1])
    for start in range(done, len(vh), width):
        rows = torch.arange(start, min(start + width, len(vh)), device=vh.device)
        units = torch.nn.functional.one_hot(rows, vh.shape[1]).T.double()
        vh[rows] = torch.ormqr(*reflections, units).T.to(vh)
