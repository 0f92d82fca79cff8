"""Intervals: a paired hierarchical bootstrap, Student's t over families, Wilson's for one score.

The bootstrap follows the nesting of the data (Davison & Hinkley 1997, section 3.8): families are
drawn with replacement, then the questions of each benchmark within each drawn family. All
candidates answer the same drawn questions, so differences between them are paired.
Its percentile interval errs on both sides: the noise of questions enters twice, which makes it
wide, and the spread between F families is underestimated by (F - 1) / F, which makes it narrow.
In simulations with 3 families of 300 questions intervals of 95 % held the truth in 98 % of cases
where families were alike and in 80 % where they differed by 10 points; the t-interval over the
families' own values held it in 94 to 97 % throughout. It is reported beside, as the stricter check.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

Array = NDArray[np.float64]


class Estimate(NamedTuple):
    """A value with its interval, in points."""

    value: float
    low: float
    high: float


def means(hits: Sequence[Sequence[Array]]) -> Array:
    """Returns the mean hit, [families, benchmarks, k], of hits [questions, k] per cell."""
    return np.array([[cell.mean(axis=0) for cell in family] for family in hits])


def resampled_means(hits: Sequence[Sequence[Array]], resamples: int, seed: int) -> Array:
    """Returns the mean over families of resampled mean hits, [resamples, benchmarks, k].

    Args:
        hits: For each family and benchmark an array [questions, k] of hits in 0..1.
        resamples: How many times families and questions are drawn.
        seed: Seed of the draws; the same seed gives the same numbers.
    """
    generator = np.random.default_rng(seed)
    families, benchmarks, candidates = len(hits), len(hits[0]), hits[0][0].shape[1]
    drawn = generator.integers(families, size=(resamples, families))
    total = np.zeros((resamples, benchmarks, candidates))
    for slot in range(families):
        for family, cells in enumerate(hits):
            rows = np.flatnonzero(drawn[:, slot] == family)
            for benchmark, cell in enumerate(cells):
                counts = _question_counts(generator, len(rows), len(cell))
                # counts times hits of 0 or 1 are whole numbers: no machine rounds them otherwise
                total[rows, benchmark] += counts @ cell / len(cell)
    return total / families


def percentile_interval(value: float, resampled: Array, confidence: float) -> Estimate:
    """Returns `value` with the percentile interval of its `resampled` values."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Estimate(float(value), float(low), float(high))


def t_interval(values: Array, confidence: float) -> Estimate:
    """Returns the mean of one value per family with Student's interval; nan for one family."""
    mean = float(values.mean())
    if len(values) < 2:
        return Estimate(mean, float("nan"), float("nan"))
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    half = float(stats.t.ppf((1 + confidence) / 2, len(values) - 1)) * error
    return Estimate(mean, mean - half, mean + half)


def wilson_interval(share: float, questions: int, confidence: float) -> Estimate:
    """Returns a share of hits in percent with Wilson's interval over its questions.

    For hits between 0 and 1 the interval is wider than needed, never narrower: their variance is
    below that of hits of 0 or 1 with the same mean.
    """
    bounds = proportion_confint(share * questions, questions, 1 - confidence, method="wilson")
    low, high = (float(bound) for bound in bounds)
    return Estimate(100 * share, 100 * min(low, share), 100 * max(high, share))


def _question_counts(generator: np.random.Generator, rows: int, questions: int) -> Array:
    """Returns how often each question is drawn, [rows, questions]."""
    drawn = generator.integers(questions, size=(rows, questions))
    drawn += np.arange(rows)[:, None] * questions
    counts = np.bincount(drawn.ravel(), minlength=rows * questions)
    return counts.reshape(rows, questions).astype(np.float64)
