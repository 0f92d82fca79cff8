"""Intervals: exact values where there are any, coverage by simulation where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from frism.results.statistics import (
    Estimate,
    means,
    percentile_interval,
    resampled_means,
    t_interval,
    wilson_interval,
)

Array = NDArray[np.float64]


@pytest.mark.parametrize(
    ("families", "quantile"), [(2, 12.7062), (3, 4.30265), (4, 3.18245), (10, 2.26216)]
)
def test_t_interval_takes_published_quantiles(families: int, quantile: float) -> None:
    values = np.arange(float(families))
    estimate = t_interval(values, 0.95)
    half = quantile * values.std(ddof=1) / families**0.5
    assert estimate.high - estimate.value == pytest.approx(half, rel=2e-6)


def test_t_interval_of_three_families() -> None:
    estimate = t_interval(np.array([1.0, 2.0, 3.0]), 0.95)
    half = 4.302653 / 3**0.5
    assert estimate == pytest.approx((2.0, 2 - half, 2 + half), abs=1e-5)


def test_one_family_has_no_t_interval() -> None:
    value, low, high = t_interval(np.array([1.5]), 0.95)
    assert value == 1.5
    assert np.isnan([low, high]).all()


def test_wilson_interval_matches_published_values() -> None:
    # Newcombe 1998, table I: 81 of 263
    assert wilson_interval(81 / 263, 263, 0.95) == pytest.approx(
        (100 * 81 / 263, 25.53, 36.62), abs=0.005
    )


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_wilson_interval_stays_within_percent(share: float) -> None:
    estimate = wilson_interval(share, 20, 0.95)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 100
    assert estimate.high - estimate.low == pytest.approx(16.11, abs=0.01)


def test_percentile_interval_takes_both_tails() -> None:
    estimate = percentile_interval(50, np.arange(101.0), 0.9)
    assert estimate == pytest.approx(Estimate(50, 5, 95))


def test_means_of_cells() -> None:
    hits = [[np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 1.0]])]]
    assert means(hits).tolist() == [[[1.0, 0.5], [0.0, 1.0]]]


def test_bootstrap_repeats_with_its_seed() -> None:
    hits = families(np.random.default_rng(0), questions=20)
    assert np.array_equal(resampled_means(hits, 50, 3), resampled_means(hits, 50, 3))
    assert not np.array_equal(resampled_means(hits, 50, 3), resampled_means(hits, 50, 4))


def test_bootstrap_is_paired() -> None:
    cell = np.random.default_rng(0).integers(0, 2, size=(30, 1)).astype(float)
    worse = np.concatenate([cell, cell - 0.25], axis=1)
    resampled = resampled_means([[worse], [worse]], 100, 0)
    assert np.allclose(resampled[..., 0] - resampled[..., 1], 0.25, rtol=0, atol=1e-12)
    assert resampled[..., 0].std() > 0.01


def test_bootstrap_draws_families_not_only_questions() -> None:
    hits = [[np.full((50, 1), value)] for value in (0.0, 1.0)]
    resampled = resampled_means(hits, 4000, 0)[:, 0, 0]
    shares = [np.mean(resampled == value) for value in (0, 0.5, 1)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_bootstrap_spread_matches_theory() -> None:
    """One family: the variance over resamples is p (1 - p) / questions, benchmarks averaged."""
    cells = [(np.arange(100) < 30).astype(float)[:, None] for _ in range(2)]
    resampled = resampled_means([cells], 5000, 1).mean(axis=1)[:, 0]
    assert resampled.var() == pytest.approx(0.3 * 0.7 / 100 / 2, rel=0.06)
    assert resampled.mean() == pytest.approx(0.3, abs=0.002)


@pytest.mark.parametrize(
    ("count", "spread", "least", "most"),
    # one family: questions alone; many: question noise enters twice, so more than 95 % is right
    [(1, 0.0, 0.90, 0.98), (10, 0.1, 0.93, 1.0)],
)
def test_bootstrap_intervals_cover_the_truth(
    count: int, spread: float, least: float, most: float
) -> None:
    generator = np.random.default_rng(7)
    covered = 0
    for repetition in range(200):
        hits = families(generator, questions=40, count=count, spread=spread)
        resampled = resampled_means(hits, 200, repetition)[:, 0, 0]
        low, high = np.quantile(resampled, [0.025, 0.975])
        covered += low <= 0.6 <= high
    assert least <= covered / 200 <= most


def test_t_interval_covers_the_truth_with_three_families() -> None:
    generator = np.random.default_rng(11)
    covered = 0
    for _ in range(200):
        interval = t_interval(means(families(generator, questions=25))[:, 0, 0], 0.95)
        covered += interval.low <= 0.6 <= interval.high
    assert 0.92 <= covered / 200 <= 0.98


def families(
    generator: np.random.Generator, questions: int, count: int = 3, spread: float = 0.1
) -> list[list[Array]]:
    """Draws families whose true share of hits is 0.6 on average and differs by up to `spread`."""
    levels = 0.6 + spread * generator.uniform(-1, 1, size=count)
    return [[(generator.random((questions, 1)) < level).astype(float)] for level in levels]
