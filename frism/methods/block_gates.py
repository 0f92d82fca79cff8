"""One learned gate per eighth of a matrix's singular directions: FRISM's objective and code.

The directions, by falling singular value, are cut into eight blocks of equal number.
"""

from __future__ import annotations

from frism.methods.gated import DISTILLED, merge
from frism.methods.method import Learned, Method

METHOD = Method(
    slug="block_gates",
    name="One gate per block of directions",
    paper="ablation of arXiv:2601.21187",
    granularity="block",
    summary="W = W_vlm + lambda_lrm U diag(sigmoid(g) S) Vh, one g per eighth of the directions",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("block"),
)
