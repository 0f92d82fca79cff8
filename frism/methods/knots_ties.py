"""KnOTS-TIES (arXiv 2410.19735), of the VLM's and the LRM's task vectors.

The two task vectors of a matrix side by side, [m, 2n], are decomposed as one; each vector then has
rows diag(S) V_i in a basis U that both share. TIES merges these rows: each vector keeps its
`density` largest entries over all matrices together, signs are elected by the sum, the mean is
taken over those that agree. U times the result stands in the place of the VLM's own task vector.
Singular values stay with V, and vectors are put side by side along the inputs, as in the authors'
code for every shape. A density of 0.2 is that of TIES; the authors choose it on validation. Each
vector is taken from its own model's base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.coefficients import density, factor
from frism.methods.method import Method

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs, ModelInputs

PARAMETERS = {
    "lambda": factor(0.8, 0.9, 1.0, 1.1, 1.2, of="merged task vector"),
    "density": density(0.2, "each whole vector of rows"),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `W_vlm_base + lambda * U disjoint_mean(trim(S V_vlm), trim(S V_lrm))`, [m, n]."""
    from frism.arithmetic.alignment import aligned
    from frism.arithmetic.election import disjoint_mean
    from frism.arithmetic.replacement import replace_task_vector
    from frism.arithmetic.trimming import trim

    basis, rows = aligned([matrix.tau_vlm, matrix.tau])
    kept = [
        trim(each, _threshold(matrix.model, place, parameters["density"]))
        for place, each in enumerate(rows)
    ]
    merged = basis @ disjoint_mean(kept)
    return replace_task_vector(matrix.w_vlm, matrix.tau_vlm, merged, parameters["lambda"])


def _threshold(model: ModelInputs, place: int, share: float) -> float:
    from frism.arithmetic.alignment import aligned
    from frism.arithmetic.trimming import magnitude_threshold

    def rows() -> Iterable[torch.Tensor]:
        # decomposed anew in each pass: a large model's rows would not fit in memory
        each = (model.matrix(name) for name in model.names)
        return (aligned([matrix.tau_vlm, matrix.tau])[1][place] for matrix in each)

    key = ("knots threshold", place, share)
    return model.once(key, lambda: magnitude_threshold(rows, share))


METHOD = Method(
    slug="knots_ties",
    name="KnOTS-TIES",
    paper="arXiv:2410.19735",
    granularity="direction",
    summary="W = W_vlm_base + lambda U TIES(S V_vlm, S V_lrm),  "
    "U S [V_vlm, V_lrm] = [t_vlm, t_lrm]",
    rescale="none",
    parameters=PARAMETERS,
    merge=merge,
    needs=("vlm_base",),
)
