"""Which singular directions a method may use at all: the leading ones, of some kinds of matrix."""

from __future__ import annotations

from frism.checkpoints.names import split_name
from frism.errors import MergeError
from frism.subspaces.decomposition import Subspace, leading


def restrict(name: str, subspace: Subspace, energy: float, modules: str) -> Subspace:
    """Returns the directions that are kept; the others are never injected, as if their gate were 0.

    Args:
        name: Canonical name of the matrix.
        subspace: Its task vector, of rank r.
        energy: Share of `||S||^2` that the kept directions hold, the fewest that do; 1 keeps all.
        modules: `all`, or `only_<projection>` or `without_<projection>`.

    Returns:
        U [m, k], S [k] and Vh [k, n]; k is 0 where the matrix is left out.

    Raises:
        MergeError: `modules` is no such word.
    """
    u, s, vh = subspace
    kept = leading(s, energy) if includes(modules, name) else 0
    return Subspace(u[:, :kept].contiguous(), s[:kept], vh[:kept])


def includes(modules: str, name: str) -> bool:
    """Tells whether matrix `name` is one of `modules`.

    Raises:
        MergeError: `modules` is no such word.
    """
    if modules == "all":
        return True
    kind, _, projection = modules.partition("_")
    if kind not in ("only", "without") or not projection:
        raise MergeError(
            f"unknown modules '{modules}'; expected all, only_<projection> or without_<projection>"
        )
    own = split_name(name)[2] == f"{projection}_proj"
    return own == (kind == "only")
