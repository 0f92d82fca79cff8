"""Thresholds and trimming against a sort of all magnitudes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.arithmetic.trimming import magnitude_threshold, smallest, trim


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


def rounded(seed: int, entries: int) -> torch.Tensor:
    """Returns float32 numbers of which many have equal magnitudes, and zeros of both signs."""
    numbers = torch.randn(entries, generator=torch.Generator().manual_seed(seed))
    return (4 * numbers).round() / 4


@pytest.mark.parametrize("count", [0, 1, 700, 3000, 3001])
def test_the_smallest_are_the_first_of_a_stable_sort(count: int) -> None:
    magnitudes = rounded(2, 3001).abs()
    expected = np.zeros(3001, dtype=bool)
    expected[np.argsort(magnitudes.numpy(), kind="stable")[:count]] = True
    assert np.array_equal(smallest(magnitudes, count).numpy(), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_trimming_keeps_what_equals_the_threshold_and_nothing_below(dtype: torch.dtype) -> None:
    threshold = torch.tensor(0.75, dtype=dtype)
    below = torch.nextafter(threshold, torch.zeros_like(threshold))
    tau = torch.stack([threshold, -threshold, below, -below, -2 * threshold])
    assert trim(tau, 0.75).tolist() == [0.75, -0.75, 0.0, 0.0, -1.5]
    assert torch.equal(trim(tau, 0.0), tau)
    assert not trim(tau, float("inf")).any()
