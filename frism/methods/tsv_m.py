"""TSV-M, task singular vectors (arXiv 2412.00081), of the VLM's and the LRM's task vectors.

Of K task vectors each keeps the leading 1/K of its singular directions; the left ones of all, and
the right ones of all, are orthogonalised together (orthogonal Procrustes), so that no vector's
directions lie in another's, and the result stands in the place of the VLM's own task vector. The
paper uses lambda = 1. Ours: directions of singular value zero take no part, and directions that
depend on each other are shared instead of completed at random; both differ from the paper's code
only for task vectors that lack rank. Each vector is taken from its own model's base.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import factor
from frism.methods.method import Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

PARAMETERS = {
    "lambda": factor(0.8, 0.9, 1.0, 1.2, 1.4, of="merged task vector"),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + lambda * TSV-M(t_vlm, t_lrm)`, [m, n]."""
    from frism.arithmetic.orthogonal import merged_singular_vectors
    from frism.arithmetic.replacement import replace_task_vector

    merged = merged_singular_vectors([matrix.subspace_vlm, matrix.subspace])
    return replace_task_vector(matrix.w_vlm, matrix.tau_vlm, merged, parameters["lambda"])


METHOD = Method(
    slug="tsv_m",
    name="TSV-M",
    paper="arXiv:2412.00081",
    granularity="direction",
    summary="W = W_vlm_base + lambda U' diag(S) V',  "
    "U' and V' orthonormal, nearest to the leading r/2 directions of both",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    needs=("vlm_base",),
    directions=("vlm", "lrm"),
)
