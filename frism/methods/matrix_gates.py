"""One learned gate per matrix: FRISM's objective and code at a coarser granularity.

What remains between this and FRISM is the choice among directions, so it is the honest ablation.
"""

from __future__ import annotations

from frism.methods.frism import PARAMETERS, merge
from frism.methods.method import Method

METHOD = Method(
    slug="matrix_gates",
    name="One gate per matrix",
    paper="ablation of arXiv:2601.21187",
    granularity="matrix",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    gates="matrix",
)
