"""p-values, Holm's correction and power: against published values, other code and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from frism.results.significance import (
    Significance,
    bootstrap_test,
    detectable,
    holm,
    significance,
    t_test,
)


def test_t_test_is_the_one_sample_test() -> None:
    # t = 2 sqrt(3) with 2 degrees of freedom, where P(|T| > t) = 1 - t / sqrt(2 + t^2)
    assert t_test(np.array([1.0, 2.0, 3.0])) == pytest.approx(1 - (12 / 14) ** 0.5, rel=1e-12)


@pytest.mark.parametrize(("values", "p"), [([2.0] * 3, 0.0), ([0.0] * 3, 1.0)])
def test_families_that_agree_have_no_spread(values: list[float], p: float) -> None:
    assert t_test(np.array(values)) == p


def test_one_family_leaves_the_bootstrap() -> None:
    found = significance(np.array([5.0]), np.ones(99))
    assert np.isnan(found.t)
    assert found.larger == found.bootstrap == 0.02


@pytest.mark.parametrize(
    ("below", "zero", "p"), [(0, 0, 2 / 1000), (9, 0, 20 / 1000), (990, 0, 20 / 1000), (4, 995, 1)]
)
def test_bootstrap_test_counts_the_rarer_side(below: int, zero: int, p: float) -> None:
    resampled = np.array([-1.0] * below + [0.0] * zero + [1.0] * (999 - below - zero))
    assert bootstrap_test(resampled) == pytest.approx(p)


def test_the_larger_p_counts() -> None:
    assert Significance(0.2, 0.001).larger == 0.2
    assert Significance(0.0, 0.001).larger == 0.001


def test_the_larger_p_keeps_its_level_where_families_differ() -> None:
    """No true difference, three families that differ: the bootstrap alone rejects far too often."""
    generator = np.random.default_rng(5)
    larger, bootstrap = 0, 0
    for _ in range(400):
        families = generator.normal(0, 5, size=3)
        drawn = families[generator.integers(3, size=(500, 3))].mean(axis=1)
        found = significance(families, drawn)
        larger += found.larger < 0.05
        bootstrap += found.bootstrap < 0.05
    assert bootstrap / 400 > 0.15
    assert larger / 400 <= 0.075


def test_holm_multiplies_step_by_step() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_holm_leaves_out_what_was_not_tested() -> None:
    found = holm([0.01, float("nan"), 0.03])
    assert (found[0], found[2]) == pytest.approx((0.02, 0.03))
    assert np.isnan(found[1])
    assert np.isnan(holm([float("nan")])).all()


@pytest.mark.parametrize("families", [2, 3, 5, 30])
def test_detectable_difference_is_that_of_statsmodels(families: int) -> None:
    effect = TTestPower().solve_power(nobs=families, alpha=0.05, power=0.8)
    assert detectable(4.0, families, 0.05) == pytest.approx(4 * effect, rel=1e-5)


def test_detectable_difference_is_found_with_its_power_at_a_strict_level() -> None:
    """Where TTestPower answers with a wrong number: three families, one of 30 tests."""
    level, count = 0.05 / 30, 40_000
    true = detectable(1.0, 3, level)
    sample = np.random.default_rng(2).normal(true, 1, size=(count, 3))
    found = stats.ttest_1samp(sample, 0.0, axis=1).pvalue < level
    assert found.mean() == pytest.approx(0.8, abs=4 * (0.16 / count) ** 0.5)


def test_nothing_is_detectable_in_one_family() -> None:
    assert np.isnan(detectable(1.0, 1, 0.05))
