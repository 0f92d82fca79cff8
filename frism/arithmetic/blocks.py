"""Functions of single entries, applied to tensors block by block."""

from __future__ import annotations

from collections.abc import Callable

import torch

# Entries of a block. What a function makes on its way stays in the processor's cache, and torch
# leaves so few to one thread: to share them among several would take longer than the work.
BLOCK = 2**15 - 1


def by_blocks(
    function: Callable[..., torch.Tensor], first: torch.Tensor, *others: torch.Tensor
) -> torch.Tensor:
    """Returns `function(first, *others)`, of the shape and type of `first`.

    Args:
        function: Gives each entry of its result from the entries at the same place, any shape.
        first: Its first argument.
        others: Its other arguments, of the same shape.
    """
    result = torch.empty_like(first, memory_format=torch.contiguous_format)
    blocks = (torch.split(tensor.reshape(-1), BLOCK) for tensor in (result, first, *others))
    for target, *parts in zip(*blocks, strict=True):
        target.copy_(function(*parts))
    return result
