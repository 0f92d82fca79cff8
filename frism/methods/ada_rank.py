"""AdaRank-like masks (after arXiv 2503.22178): a learned 0 or 1 before each singular direction.

The masks minimise the entropy of the merged model's predictions on unlabelled data: here the
predictions of the answer tokens of the VLM's own answers to the calibration questions. A mask is on
where its raw number g is positive, its gradient is that of sigmoid(g), and all are on at the start,
g = 0.1; start and learning rate are those of the published code. The paper merges several tasks for
thousands of steps; this has one task vector and the steps of all learned methods.
"""

from __future__ import annotations

from frism.methods.gated import CALIBRATION, RESTRICTION, merge
from frism.methods.method import Learned, Method, Parameter

METHOD = Method(
    slug="ada_rank",
    name="AdaRank-like masks",
    paper="after arXiv:2503.22178",
    granularity="direction",
    summary="W = W_vlm + lambda_lrm U diag(m S) Vh, one learned mask m in {0, 1} per direction",
    rescale="none",
    parameters={
        "lambda_lrm": Parameter(
            "Factor of the masked task vector.", 0.0, 2.0, (0.1, 0.3, 0.5, 0.7, 1.0)
        ),
        "learning_rate": Parameter("Learning rate of Adam.", 1e-6, 1.0, optional=1e-3),
        **RESTRICTION,
        **CALIBRATION,
    },
    merge=merge,
    learned=Learned("direction", activation="mask", objective="entropy"),
)
