"""Merging one tensor and storing it in the type of the VLM's, block by block.

What stands between the stored tensors is float32, several times their size. A block's stays in the
processor's cache; a whole matrix's would go through memory again and again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from frism.errors import MergeError
from frism.merging.change import RelativeChange
from frism.methods.matrix import ModelInputs, row_blocks
from frism.methods.method import Method


def merged_tensor(
    name: str,
    own: torch.Tensor,
    model: ModelInputs,
    method: Method,
    values: Mapping[str, Any],
    change: RelativeChange,
) -> torch.Tensor:
    """Returns what a tensor of the VLM is merged into, in its type.

    Args:
        name: Canonical name.
        own: The VLM's tensor, [m, n] or [m], as it is stored.
        model: The inputs of the merge.
        method: How it is merged.
        values: All coefficients of the method.
        change: Counts how far the tensor moves.

    Raises:
        MergeError: the result is not finite in the type of the VLM's.
    """
    whole = None if method.rowwise else method.merge(model.matrix(name), values)
    stored = torch.empty_like(own)
    with _one_thread():
        for rows in row_blocks(own.shape):
            matrix = model.matrix(name, rows)
            merged = method.merge(matrix, values) if whole is None else whole[rows]
            _store(merged, own[rows], stored[rows])
            moved = change.add(matrix.w_vlm, stored[rows])
            # finite only if every entry is, up to an overflow that the second look settles
            if not math.isfinite(moved) and not torch.isfinite(stored[rows]).all():
                raise MergeError(
                    f"method '{method.slug}' gave infinite values or no numbers in tensor "
                    f"'{name}'; expected finite weights in {own.dtype}: lower its coefficients or "
                    "check the inputs"
                )
    return stored


def _store(merged: torch.Tensor, own: torch.Tensor, stored: torch.Tensor) -> None:
    stored.copy_(merged)
    zeros = np.flatnonzero(merged.numpy() == 0)
    if len(zeros):
        # -0 + 0 is +0: where nothing was added the VLM's own bits stay
        places = torch.from_numpy(zeros)
        bits, kept = own.flatten()[places], stored.view(-1)
        kept[places] = torch.where(bits == 0, bits, kept[places])


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keeps torch from sharing a block among threads: their start would cost more than the work."""
    threads = torch.get_num_threads()
    try:
        if threads > 1:
            torch.set_num_threads(1)
        yield
    finally:
        if threads > 1:
            torch.set_num_threads(threads)
