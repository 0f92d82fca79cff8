"""Consensus Task Arithmetic (arXiv 2405.07813), of the VLM's and the LRM's task vectors.

A weight counts as a task's own (its TALL mask) where the task's change is at least `tall` times
the rest of the sum; the sum of the task vectors is kept where at least k tasks count it. The paper
takes k = 2, which leaves out what no task or one alone needs, and chooses `tall` for each task
from 0.2 to 0.6 on validation; we choose one for both. With two tasks and k = 2 a weight is kept
where the ratio of the two changes lies between `tall` and `1 / tall`; above 1 nothing is left and
the VLM falls back to its base. An LRM that moves several times as far as the VLM did is mostly cut
away at 0.2, so our candidates go below. The result stands in the place of the VLM's own task
vector. Each vector is taken from its own model's base.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import factor
from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

PARAMETERS = {
    "lambda": factor(1.0, of="merged task vector"),
    "tall": Parameter(
        "The TALL masks' lambda: larger keeps less.", 0.0, 2.0, (0.03, 0.05, 0.07, 0.1, 0.2)
    ),
    "agree": Parameter(
        "k: how many tasks must count a weight.", 1.0, 2.0, optional=2.0, whole=True
    ),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + lambda * consensus(t_vlm, t_lrm)`, [m, n]."""
    from frism.arithmetic.consensus import consensus
    from frism.arithmetic.replacement import replace_task_vector

    taus = [matrix.tau_vlm, matrix.tau]
    merged = consensus(taus, parameters["tall"], int(parameters["agree"]))
    return replace_task_vector(matrix.w_vlm, matrix.tau_vlm, merged, parameters["lambda"])


METHOD = Method(
    slug="consensus_ta",
    name="Consensus TA",
    paper="arXiv:2405.07813",
    granularity="model",
    summary="W = W_vlm_base + lambda (t_vlm + t_lrm) where both masks agree,  "
    "mask_i = |t_i| >= tall |t_vlm + t_lrm - t_i|",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    rowwise=True,
    needs=("vlm_base",),
)
