"""Functions of single entries give the same block by block."""

from __future__ import annotations

import pytest
import torch

from frism.arithmetic.blocks import BLOCK, by_blocks


@pytest.mark.parametrize("shape", [(0, 5), (7,), (2, BLOCK - 1), (3, 5, 11)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_equals_the_function_of_the_whole(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    random = torch.Generator().manual_seed(0)
    first, second = (torch.randn(shape, generator=random).to(dtype) for _ in range(2))
    found = by_blocks(torch.copysign, first, second)
    assert found.dtype == dtype
    assert torch.equal(found, torch.copysign(first, second))


def test_entries_meet_in_tensors_of_any_layout() -> None:
    first = torch.arange(BLOCK * 2.0).view(2, BLOCK).T
    second = torch.arange(BLOCK * 2.0).view(BLOCK, 2)
    assert torch.equal(by_blocks(torch.sub, first, second), first - second)


def test_no_block_is_larger_than_what_torch_leaves_to_one_thread() -> None:
    seen: list[int] = []

    def note(part: torch.Tensor) -> torch.Tensor:
        seen.append(part.numel())
        return part

    by_blocks(note, torch.zeros(2 * BLOCK + 1))
    assert seen == [BLOCK, BLOCK, 1]
