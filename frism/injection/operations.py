"""How many multiplications a gated layer costs in each way of computing it, and which is cheapest.

The count is of matrix products, forward and backward for a batch of T tokens; what is done number
by number is of a smaller order. A plain frozen layer takes `T m n` for its outputs and `T m n` for
the gradient of its inputs.
"""

from __future__ import annotations

from frism.errors import MergeError

PLAIN, MATERIALISED, LOW_RANK, DENSE = "plain", "materialised", "low rank", "dense"


def operations(path: str, m: int, n: int, r: int, tokens: int, keep: bool = True) -> int:
    """Returns the multiplications of forward and backward pass of one layer.

        plain:          2 T m n
        low rank:       2 T m n + 2 T r (m + n)
        materialised:   2 T m n + r m n + G + A
            G = min(T r (m + n), T m n + r m n)     gradient of the gates, see `projects`
            A = 0, or min(r m n, T r n)             without the matrix at hand, see `forms_again`
        dense:          3 T m n

    Low rank: x Vh^T and its product with U, then dY U and its product with Vh; the gates' gradient
    comes from the products at hand. Materialised: U diag(v S) Vh is formed once. Dense: gates of
    rows or columns, whose task vector is at hand, with dY^T x for the gates' gradient.

    Args:
        path: `plain`, `materialised`, `low rank` or `dense`.
        m: Out features.
        n: In features.
        r: Rank.
        tokens: T, inputs of the batch.
        keep: Whether the materialised matrix is kept for the backward pass.

    Raises:
        MergeError: there is no such path.
    """
    plain = 2 * tokens * m * n
    if path == PLAIN:
        return plain
    if path == DENSE:
        return 3 * tokens * m * n
    if path == LOW_RANK:
        return plain + 2 * tokens * r * (m + n)
    if path != MATERIALISED:
        known = [PLAIN, MATERIALISED, LOW_RANK, DENSE]
        raise MergeError(f"unknown path '{path}'; expected one of {known}")
    gates = min(tokens * r * (m + n), tokens * m * n + r * m * n)
    again = 0 if keep else min(r * m * n, tokens * r * n)
    return plain + r * m * n + gates + again


def cheapest(m: int, n: int, r: int, tokens: int, keep: bool = True) -> str:
    """Returns the path that takes fewer multiplications, `materialised` or `low rank`."""
    paths = (MATERIALISED, LOW_RANK)
    return min(paths, key=lambda path: operations(path, m, n, r, tokens, keep))


def projects(m: int, n: int, r: int, tokens: int) -> bool:
    """Tells how a materialised layer gets `u_i^T (dY^T x) vh_i^T` for all i with fewer operations.

    True: rows of dY U and x Vh^T are multiplied, `T r (m + n)`; False: dY^T x is formed and
    multiplied by U, `T m n + r m n`.
    """
    return tokens * r * (m + n) <= tokens * m * n + r * m * n


def forms_again(m: int, tokens: int) -> bool:
    """Tells how a materialised layer that kept no matrix gets the gradient of its inputs.

    True: the matrix is formed again, `r m n`; False: `dY W + lambda ((dY U) v S) Vh` with dY U at
    hand, `T r n`. Where dY U is not at hand, forming is the cheaper one.
    """
    return tokens >= m
