"""FRISM on random directions: a control that must not help.

The singular values are those of the task vector, the directions are drawn uniformly; the gates are
trained as FRISM's. The draw depends on the name and shape of a matrix alone: all families share
it, so how results differ between families tells nothing of other draws. What this gains, gates gain
by moving weights anywhere at all, and not by what the LRM has learnt.
"""

from __future__ import annotations

from frism.methods.gated import DISTILLED, merge
from frism.methods.method import Learned, Method

METHOD = Method(
    slug="frism_random",
    name="FRISM, random directions",
    paper="control of arXiv:2601.21187",
    granularity="direction",
    summary="W = W_vlm + lambda_lrm Q diag(sigmoid(g) S) R^T, Q and R random and orthonormal",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("direction", directions="random"),
)
