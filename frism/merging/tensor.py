"""Merging one tensor and storing it in the type of the VLM's, block by block.

What stands between the stored tensors is float32, several times their size. A block's stays in the
processor's cache; a whole matrix's would go through memory again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from frism.errors import MergeError
from frism.merging.change import RelativeChange
from frism.methods.matrix import ModelInputs
from frism.methods.method import Method

# entries, whole rows at least
BLOCK = 2**17


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

    def merge(rows: slice) -> None:
        merged = method.merge(model.matrix(name, rows), values) if whole is None else whole[rows]
        _store(merged, own[rows], stored[rows])
        if not _finite(stored[rows]):
            raise MergeError(
                f"method '{method.slug}' gave infinite values or no numbers in tensor '{name}'; "
                f"expected finite weights in {own.dtype}: lower its coefficients or check the "
                "inputs"
            )
        change.add(own[rows], stored[rows])

    _for_each(_blocks(own), merge)
    return stored


def _blocks(tensor: torch.Tensor) -> list[slice]:
    size = max(1, BLOCK * len(tensor) // max(1, tensor.numel()))
    return [slice(start, start + size) for start in range(0, len(tensor), size)]


def _for_each(blocks: Sequence[slice], work: Callable[[slice], None]) -> None:
    """Shares blocks among as many threads as torch has.

    Torch would share each operation among them, and the threads would mostly wait for each other.
    """
    threads = torch.get_num_threads()
    if threads == 1 or len(blocks) == 1:
        for rows in blocks:
            work(rows)
        return
    try:
        with ThreadPoolExecutor(threads, "blocks", torch.set_num_threads, (1,)) as pool:
            for _ in pool.map(work, blocks):
                pass
    finally:
        torch.set_num_threads(threads)


def _store(merged: torch.Tensor, own: torch.Tensor, stored: torch.Tensor) -> None:
    stored.copy_(merged)
    zeros = np.flatnonzero(merged.numpy() == 0)
    if len(zeros):
        # -0 + 0 is +0: where nothing was added the VLM's own bits stay
        places = torch.from_numpy(zeros)
        bits, kept = own.flatten()[places], stored.view(-1)
        kept[places] = torch.where(bits == 0, bits, kept[places])


def _finite(tensor: torch.Tensor) -> bool:
    # a sum is finite only if every entry is, up to an overflow that the second look settles
    return bool(torch.isfinite(tensor.sum())) or bool(torch.isfinite(tensor).all())
