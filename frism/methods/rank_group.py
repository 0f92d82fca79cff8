"""One group of singular directions alone: where in the spectrum the reasoning sits.

The directions of each matrix, by falling singular value, are cut into groups of equal number; one
group is added at full strength times lambda. The paper's study of heterogeneous subspaces
(arXiv 2601.21187, Fig. 3) injects them one at a time at several lambda; how it cuts them is not
published, so equal numbers are our choice. It is a probe: it has no candidates of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

PARAMETERS = {
    "group": Parameter("Which group, 1 holds the largest singular values.", 1, 64, whole=True),
    "lambda": Parameter("Factor of the group.", 0.0, 16.0),
    "groups": Parameter("Number of groups of each matrix.", 1, 64, optional=4.0, whole=True),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `w_vlm + lambda * U_g diag(S_g) Vh_g`, [m, n], of the group g."""
    from frism.subspaces.decomposition import compose

    s = matrix.subspace.s
    first, last = group_bounds(s.numel(), int(parameters["group"]), int(parameters["groups"]))
    values = s.clone()
    values[:first] = 0
    values[last:] = 0
    return compose(matrix.subspace, values, matrix.w_vlm, parameters["lambda"])


def group_bounds(rank: int, group: int, groups: int) -> tuple[int, int]:
    """Returns the first direction of a group and the one behind its last."""
    return rank * (group - 1) // groups, rank * group // groups


def conflict(parameters: Mapping[str, Any]) -> str | None:
    """Returns what is wrong where there is no such group."""
    group, groups = parameters["group"], parameters["groups"]
    if group <= groups:
        return None
    return f"group = {group:g} with groups = {groups:g}; expected group at most groups"


METHOD = Method(
    slug="rank_group",
    name="One group of singular directions",
    paper="arXiv:2601.21187",
    granularity="model",
    summary="W = W_vlm + lambda U_g diag(S_g) Vh_g",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    directions=("lrm",),
    conflict=conflict,
)
