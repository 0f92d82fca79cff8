"""Exact shares of one tensor against a stable sort, however it is cut into blocks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch

from frism.arithmetic.cutting import cut, trim_to
from tests.test_arithmetic_trimming import magnitudes_of_all_sizes, rounded

NUMBERS = {
    "all sizes": magnitudes_of_all_sizes(),
    "equal magnitudes": rounded(1, 3001).numpy(),
    "nothing but zeros": np.zeros(900, np.float32),
    # the blocks that are guessed from hold smaller numbers than the others
    "a wrong guess": np.where(np.arange(3200) % 800 < 100, 1e-3, 1.0).astype(np.float32)
    * rounded(3, 3200).numpy(),
}


def blocks_of(tau: torch.Tensor, count: int) -> list[Callable[[], torch.Tensor]]:
    return [partial(torch.clone, part) for part in torch.tensor_split(tau, count)]


@pytest.mark.parametrize("blocks", [1, 3, 32])
@pytest.mark.parametrize("density", [0.0, 0.0001, 0.2, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("name", NUMBERS)
def test_keeps_what_comes_first_in_a_stable_sort(name: str, density: float, blocks: int) -> None:
    numbers = NUMBERS[name]
    falling = np.argsort(-np.abs(numbers), kind="stable")
    expected = np.zeros_like(numbers)
    kept = falling[: max(1, int(density * len(numbers))) if density else 0]
    expected[kept] = numbers[kept]
    tau = torch.from_numpy(numbers)
    found = cut(blocks_of(tau, blocks), density)
    np.testing.assert_array_equal(trim_to(tau[None], found).numpy(), expected[None])
    parts = [trim_to(part, found, first) for first, part in enumerate(torch.split(tau, 1))]
    np.testing.assert_array_equal(torch.cat(parts).numpy(), expected)


def test_a_good_guess_reads_few_blocks_twice() -> None:
    tau, read = torch.randn(64000, generator=torch.Generator().manual_seed(0)), list[int]()

    def block(number: int, part: torch.Tensor) -> torch.Tensor:
        read.append(number)
        return part

    parts = torch.tensor_split(tau, 32)
    cut([partial(block, number, part) for number, part in enumerate(parts)], 0.2)
    assert len(read) == 32 + 4
