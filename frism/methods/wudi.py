"""Like WUDI (arXiv 2503.08099), less interference of the VLM's and LRM's task vectors.

The sum of the task vectors is improved on the loss `sum_i ||(t - t_i) t_i^T||_F^2 / ||t_i||_F^2`:
the rows of a task vector stand for the inputs of its task, on which the merged vector should do
what that one does. The authors take 300 steps of Adam of 1e-5 in every entry, a size made for their
models. We take as many steps of plain gradient descent, each as long as the largest curvature
allows, in closed form: no seed, and the same for weights of any scale. Both stop early, and have
to: along inputs that hardly weigh in either vector the minimiser takes any size that helps
elsewhere, and on the development families of the embedded pair it is tens of times as large as the
sum. The paper has no lambda; 1 is the paper's method, and sweeping it is ours. Each vector is taken
from its own model's base.
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
    "lambda": factor(0.8, 0.9, 1.0, 1.1, 1.2, of="merged task vector"),
    "steps": Parameter("Steps of gradient descent.", 1.0, 1e9, optional=300.0, whole=True),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + lambda * WUDI(t_vlm, t_lrm)`, [m, n]."""
    from frism.arithmetic.interference import less_interference
    from frism.arithmetic.replacement import replace_task_vector

    merged = less_interference([matrix.subspace_vlm, matrix.subspace], parameters["steps"])
    return replace_task_vector(matrix.w_vlm, matrix.tau_vlm, merged, parameters["lambda"])


METHOD = Method(
    slug="wudi",
    name="WUDI-like",
    paper="arXiv:2503.08099",
    granularity="matrix",
    summary="W = W_vlm_base + lambda t,  t: plain gradient descent from t_vlm + t_lrm, "
    "in closed form in place of the authors' Adam, on sum_i ||(t - t_i) t_i^T||^2 / ||t_i||^2",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    needs=("vlm_base",),
    directions=("vlm", "lrm"),
)
