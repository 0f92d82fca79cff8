"""Tests of paired differences, their correction for many methods, and what a design can detect.

Two tests of the same difference: Student's t over the families' own values, and the paired
bootstrap over families and questions. With few families the bootstrap underestimates the spread
between them, and the t-test rejects too readily where a few families happen to agree; so the
larger p of the two counts. It is valid wherever either of them is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests

Array = NDArray[np.float64]
POWER = 0.8
# no design is asked about differences of more standard deviations than these
WIDEST_SEARCH = 1e6


class Significance(NamedTuple):
    """Two-sided p-values of one difference; nan where a test is not defined."""

    t: float
    bootstrap: float

    @property
    def larger(self) -> float:
        """The p-value that counts: over one family the bootstrap's, over its questions."""
        return float(np.fmax(self.t, self.bootstrap))


def significance(by_family: Array, resampled: Array) -> Significance:
    """Tests whether a paired difference is zero.

    Args:
        by_family: The difference of each family, [families].
        resampled: The difference in each bootstrap resample, [resamples].
    """
    return Significance(t_test(by_family), bootstrap_test(resampled))


def t_test(by_family: Array) -> float:
    """Returns p of Student's t-test of a zero mean over families; nan for one family.

    Families that agree to the last digit have no spread to test against: p is 0 there, or 1 if
    they agree on zero.
    """
    if len(by_family) < 2:
        return float("nan")
    if np.ptp(by_family) <= np.finfo(float).eps * 100 * np.abs(by_family).max():
        return 0.0 if by_family.any() else 1.0
    return float(stats.ttest_1samp(by_family, 0.0).pvalue)


def bootstrap_test(resampled: Array) -> float:
    """Returns 2 (1 + count) / (1 + resamples), where `count` resamples lie on the rarer side of 0.

    Counting the data themselves as one resample keeps p above zero (Davison & Hinkley 1997, eq.
    4.11); resamples at zero count for both sides.
    """
    count = min(np.count_nonzero(resampled <= 0), np.count_nonzero(resampled >= 0))
    return min(1.0, 2 * (1 + int(count)) / (1 + len(resampled)))


def holm(values: Sequence[float]) -> list[float]:
    """Returns p-values corrected by Holm's method (1979); nan stays nan and counts for nothing."""
    found = np.asarray(values, np.float64)
    tested = ~np.isnan(found)
    if tested.any():
        found[tested] = multipletests(found[tested], method="holm")[1]
    return [float(value) for value in found]


def detectable(deviation: float, families: int, level: float) -> float:
    """Returns the smallest true mean difference that a two-sided t-test finds with 80 % power.

    The power is P(F' > t^2) with F' of the noncentral F law with 1 and families - 1 degrees of
    freedom and noncentrality families (difference / deviation)^2, t the test's critical value.
    statsmodels' TTestPower is the same number by another road, but gives wrong ones without a
    word where families are few and the level is strict.

    Args:
        deviation: Standard deviation of the difference between families, points.
        families: Number of families; below 2 no test over families exists and nan is returned.
        level: Size of the test, such as 0.05.
    """
    if families < 2:
        return float("nan")
    critical = float(stats.t.isf(level / 2, families - 1)) ** 2

    def lack(effect: float) -> float:
        found = stats.ncf.sf(critical, 1, families - 1, families * effect**2)
        return float(found) - POWER

    high = 1.0
    while lack(high) < 0 and high < WIDEST_SEARCH:
        high *= 2
    return deviation * float(optimize.brentq(lack, 0.0, high))
