"""IP-Merging (arXiv 2510.14387): what of the LRM's task vector lies where the VLM's own one does.

`s_i` is the cosine of the i-th right singular vectors of t_vlm and t_lrm, which are compared in
their order, up to rank 1024. A matrix whose largest `s_i` is below the threshold T gets nothing;
else t_lrm is scaled to the nuclear norm of t_vlm and projected by `Q^T Q`, where `Q = softmax(32 s)
V_vlm^T`. T = 0.4 and lambda = 0.5 are the authors'. The softmax sums to 1 over all directions, so
mostly little more than one direction is added, and little of it: our candidates go up to where it
has an effect, and the published 0.5 is among them.

The cosine has a sign while singular vectors have none. The authors' randomised decomposition leaves
it to chance; ours is exact, and the largest entry of each left singular vector is positive, so that
a merge is the same each time. Directions of singular value zero are not compared. Norms and biases
get nothing, as in the authors' code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from frism.methods.method import Method, Parameter

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

RANK = 1024
SHARPNESS = 32.0
PARAMETERS = {
    "lambda": Parameter(
        "Factor of the projected task vector.", 0.0, 16.0, (0.5, 1.0, 2.0, 4.0, 8.0)
    ),
    "threshold": Parameter(
        "T: least cosine that lets a matrix take part.", -1.0, 1.0, optional=0.4
    ),
}


def merge(matrix: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
    """Returns `w_vlm + lambda * sum(S_vlm) / sum(S_lrm) * t_lrm Q^T Q`, [m, n]."""
    from torch.nn.functional import cosine_similarity

    from frism.arithmetic.spectra import leading, significant

    own, donor = significant(matrix.subspace_vlm), significant(matrix.subspace)
    rank = min(RANK, own.s.numel(), donor.s.numel())
    own, donor = leading(own, rank), leading(donor, rank)
    cosines = cosine_similarity(own.vh, donor.vh, dim=1)  # [r]
    if not rank or cosines.max() < parameters["threshold"]:
        return matrix.w_vlm
    towards = (SHARPNESS * cosines).softmax(0)[:, None] * own.vh  # Q, [r, n]
    score = own.s.sum() / donor.s.sum()
    rows = score * (donor.vh @ towards.T) @ towards
    return matrix.w_vlm.addmm(donor.u * donor.s, rows, alpha=parameters["lambda"])


METHOD = Method(
    slug="ip_merging",
    name="IP-Merging",
    paper="arXiv:2510.14387",
    granularity="direction",
    summary="W = W_vlm + lambda sum(S_vlm) / sum(S_lrm) t_lrm Q^T Q,  Q = softmax(32 s) V_vlm^T,  "
    "0 where max s < T",
    rescale="to the nuclear norm of t_vlm, before the projection",
    parameters=PARAMETERS,
    merge=merge,
    needs=("vlm_base",),
    directions=("vlm", "lrm"),
)
