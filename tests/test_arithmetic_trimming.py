"""The threshold over several tensors against a sort of all magnitudes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.arithmetic.trimming import magnitude_threshold


def magnitudes_of_all_sizes() -> np.ndarray:
    """Returns float32 numbers of any exponent and sign, subnormal ones too, and zeros."""
    bits = np.random.default_rng(0).integers(0, 2**32, size=3000, dtype=np.uint32)
    numbers = bits.view(np.float32)
    return np.concatenate([numbers[np.isfinite(numbers)], np.array([0.0, -0.0], np.float32)])


@pytest.mark.parametrize("density", [0.001, 0.2, 0.5, 0.999, 1.0])
def test_equals_a_sort_bit_for_bit(density: float) -> None:
    numbers = magnitudes_of_all_sizes()
    parts = [torch.from_numpy(part) for part in np.array_split(numbers, 3)]
    falling = np.sort(np.abs(numbers))[::-1]
    expected = falling[int(density * len(numbers)) - 1]
    assert magnitude_threshold(lambda: parts, density) == expected


def test_bfloat16_needs_no_float32() -> None:
    vector = torch.tensor([0.5, -3.0, 2.0, 1.0], dtype=torch.bfloat16)
    assert magnitude_threshold(lambda: [vector], 0.5) == 2.0


def test_nothing_kept_is_an_infinite_threshold() -> None:
    assert magnitude_threshold(lambda: [torch.ones(9)], 0.1) == float("inf")
