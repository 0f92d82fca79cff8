"""Products with long matrices, computed in float64 though the matrices are kept as they are.

Columns are converted in chunks, so that the float64 copies take little memory whatever the size.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

# Elements of a float64 copy that are held at once, 16 MiB.
CHUNK = 1 << 21
# Rows of the blocks of a Gram matrix; those above the diagonal are left out.
BLOCK = 256


def column_chunks(matrix: torch.Tensor) -> Iterator[slice]:
    """Yields ranges of the columns of `matrix`, [k, n], of at most CHUNK elements each."""
    width = max(1, CHUNK // max(1, matrix.shape[0]))
    for start in range(0, matrix.shape[1], width):
        yield slice(start, start + width)


def gram(matrix: torch.Tensor) -> torch.Tensor:
    """Returns the lower triangle of `A A^T`, [k, k], float64, for A [k, n].

    It says all. Above the diagonal stands what the blocks on it hold, and zero beyond them.
    """
    size = matrix.shape[0]
    lower = matrix.new_zeros(size, size, dtype=torch.float64)
    for columns in column_chunks(matrix):
        part = matrix[:, columns].double()
        for start in range(0, size, BLOCK):
            stop = start + BLOCK
            lower[start:stop, :stop].addmm_(part[start:stop], part[:stop].T)
    return lower


def multiply(factor: torch.Tensor, matrix: torch.Tensor, out: torch.Tensor) -> None:
    """Writes `F A`, [j, n], for F [j, k] and A [k, n] into `out`.

    Args:
        factor: F, whose type, float32 or float64, is that of the products.
        matrix: A.
        out: Where the result goes, [j, n], of any type.
    """
    if factor.dtype == matrix.dtype == out.dtype:
        torch.mm(factor, matrix, out=out)
    elif len(factor):
        for columns in column_chunks(matrix):
            out[:, columns] = factor @ matrix[:, columns].to(factor)


def project_out(rest: torch.Tensor, settled: torch.Tensor) -> None:
    """Takes from the rows of `rest` [k, n], float64, what lies along those of `settled` [p, n]."""
    shares = rest.new_zeros(rest.shape[0], settled.shape[0])
    for columns in column_chunks(settled):
        shares.addmm_(rest[:, columns], settled[:, columns].double().T)
    for columns in column_chunks(settled):
        rest[:, columns].addmm_(shares, settled[:, columns].double(), alpha=-1)
