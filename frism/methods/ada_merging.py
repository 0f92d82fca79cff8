"""AdaMerging, layer-wise (arXiv 2310.02575): one learned coefficient per layer.

The coefficients minimise the entropy of the merged model's predictions on unlabelled data: here the
predictions of the answer tokens of the VLM's own answers to the calibration questions. Its code
keeps them in [0, 1]; here nothing does, as in the paper. Adam with the paper's learning rate; the
paper starts at 0.3, here the start is what the method is swept over.
"""

from __future__ import annotations

from frism.methods.gated import CALIBRATION, RESTRICTION, merge
from frism.methods.method import Learned, Method, Parameter

METHOD = Method(
    slug="ada_merging",
    name="AdaMerging, layer-wise",
    paper="arXiv:2310.02575",
    granularity="layer",
    summary="W = W_vlm + lambda_l (W_lrm - W_base), one learned lambda_l per layer",
    rescale="none",
    parameters={
        "initial": Parameter(
            "Coefficient of every layer at the start.", 0.0, 2.0, (0.1, 0.3, 0.5, 0.7, 1.0)
        ),
        "learning_rate": Parameter("Learning rate of Adam.", 1e-6, 1.0, optional=1e-3),
        **RESTRICTION,
        **CALIBRATION,
    },
    merge=merge,
    learned=Learned("layer", activation="identity", objective="entropy"),
)
