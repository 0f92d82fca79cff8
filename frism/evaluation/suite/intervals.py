"""Intervals of scores over questions: Wilson's for a benchmark, a bootstrap for an average."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frism.results.statistics import Estimate, percentile_interval, wilson_interval

CONFIDENCE, RESAMPLES, SEED = 0.95, 2000, 0
# VLMEvalKit rounds some scores to two decimals
TOLERANCE = 0.01
Hits = Sequence[float]


def is_mean(score: float, hits: Hits) -> bool:
    """Tells whether a score in percent is the mean of its hits, but for rounding."""
    return abs(score - 100 * float(np.mean(hits))) < TOLERANCE


def score_interval(score: float, hits: Hits) -> Estimate | None:
    """Returns Wilson's interval of a score, or None where it is no mean of its hits."""
    if not is_mean(score, hits):
        return None
    return wilson_interval(float(np.mean(hits)), len(hits), CONFIDENCE)


def average_interval(scores: Sequence[float], hits: Sequence[Hits]) -> Estimate | None:
    """Returns the mean of benchmarks' scores with a percentile interval.

    The questions of each benchmark are drawn with replacement, the benchmarks stay.

    Returns:
        None where the score of a benchmark is no mean of its hits.
    """
    if not all(map(is_mean, scores, hits)):
        return None
    generator = np.random.default_rng(SEED)
    drawn = np.mean([_resampled(generator, each) for each in hits], axis=0)
    return percentile_interval(float(np.mean(scores)), drawn, CONFIDENCE)


def _resampled(generator: np.random.Generator, hits: Hits) -> NDArray[np.float64]:
    """Returns means in percent of as many questions drawn from the hits, [resamples]."""
    values, counts = np.unique(np.asarray(hits, dtype=np.float64), return_counts=True)
    drawn = generator.multinomial(len(hits), counts / len(hits), size=RESAMPLES)
    means: NDArray[np.float64] = 100 * (drawn @ values) / len(hits)
    return means
