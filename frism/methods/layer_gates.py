"""One learned gate per layer: FRISM's objective and code at a coarser granularity.

What a layer-level method can reach at best with this objective; FRISM claims to do better.
"""

from __future__ import annotations

from frism.methods.gated import DISTILLED, merge
from frism.methods.method import Learned, Method

METHOD = Method(
    slug="layer_gates",
    name="One gate per layer",
    paper="ablation of arXiv:2601.21187",
    granularity="layer",
    summary="W = W_vlm + lambda_lrm sigmoid(g) (W_lrm - W_base), one g per layer",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("layer"),
)
