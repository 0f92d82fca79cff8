"""Another task vector in the place of the VLM's own."""

from __future__ import annotations

import torch


def replace_task_vector(
    w_vlm: torch.Tensor, tau_vlm: torch.Tensor, merged: torch.Tensor, scale: float
) -> torch.Tensor:
    """Returns `W_base + scale * merged` with `W_base = W_vlm - t_vlm`, [m, n], float32.

    W_base is the language model that the VLM was trained from, also where the LRM has another
    base. `scale = 1` and `merged = t_vlm` give the VLM, `merged = t_vlm + t_lrm` Task Arithmetic.

    Args:
        w_vlm: The VLM's matrix, [m, n].
        tau_vlm: Its own task vector, [m, n].
        merged: What stands in its place, [m, n], any floating type.
        scale: Factor of it.
    """
    return w_vlm + (scale * merged - tau_vlm).to(w_vlm.dtype)
