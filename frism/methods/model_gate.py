"""One learned gate for the whole model: FRISM's objective chooses the one coefficient.

It is Task Arithmetic but for how the coefficient is found, and the coarsest of the ablations of
granularity: the same code, data, steps and cap as FRISM.
"""

from __future__ import annotations

from frism.methods.gated import DISTILLED, merge
from frism.methods.method import Learned, Method

METHOD = Method(
    slug="model_gate",
    name="One gate for the model",
    paper="ablation of arXiv:2601.21187",
    granularity="model",
    summary="W = W_vlm + lambda_lrm sigmoid(g) (W_lrm - W_base), one g in all",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("model"),
)
