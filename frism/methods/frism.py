"""FRISM (arXiv 2601.21187): one learned gate per singular direction of the task vector.

W = W_vlm + lambda_lrm * U diag(sigmoid(g) * S) Vh    (Eq. 7)
"""

from __future__ import annotations

from frism.methods.gated import DISTILLED, merge
from frism.methods.method import Learned, Method

METHOD = Method(
    slug="frism",
    name="FRISM",
    paper="arXiv:2601.21187",
    granularity="direction",
    summary="W = W_vlm + lambda_lrm U diag(sigmoid(g) S) Vh, one g per singular direction",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("direction"),
)
