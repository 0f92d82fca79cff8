"""One learned gate per matrix: FRISM's objective and code at a coarser granularity.

What remains between this and FRISM is the choice among directions, so it is the honest ablation.
"""

from __future__ import annotations

from frism.methods.gated import DISTILLED, merge
from frism.methods.method import Learned, Method

METHOD = Method(
    slug="matrix_gates",
    name="One gate per matrix",
    paper="ablation of arXiv:2601.21187",
    granularity="matrix",
    summary="W = W_vlm + lambda_lrm sigmoid(g) (W_lrm - W_base), one g per matrix",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("matrix"),
)
