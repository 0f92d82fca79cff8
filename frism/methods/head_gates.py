"""One learned gate per matrix and group of heads: FRISM's objective and code.

Query heads that share a key-value head are a group with it: their rows of the query matrix, its
rows of the key and of the value matrix and their columns of the output matrix have a gate each.
Matrices of the MLP have one gate; biases are the VLM's.
"""

from __future__ import annotations

from frism.methods.gated import DISTILLED, merge
from frism.methods.method import Learned, Method

METHOD = Method(
    slug="head_gates",
    name="One gate per head group",
    paper="ablation of arXiv:2601.21187",
    granularity="head",
    summary="W = W_vlm + lambda_lrm diag(sigmoid(g)) (W_lrm - W_base), one g per head group",
    rescale="none",
    parameters=DISTILLED,
    merge=merge,
    learned=Learned("head"),
)
