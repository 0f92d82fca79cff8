"""Intervals of scores over questions: Wilson's for a benchmark, MOVER for an average of them.

MOVER (Zou & Donner 2008, https://doi.org/10.1002/sim.2977) makes the interval of a mean of k
independent values x_i from their own intervals l_i to u_i:

    mean(x) - sqrt(sum (x_i - l_i)^2) / k   to   mean(x) + sqrt(sum (u_i - x_i)^2) / k

A bootstrap would give an interval of no width where every answer is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, sqrt
from statistics import NormalDist, stdev

from frism.results.statistics import Estimate, wilson_interval

CONFIDENCE = 0.95
# VLMEvalKit rounds some scores to two decimals
TOLERANCE = 0.01


def score_interval(score: float, hits: Sequence[float]) -> Estimate | None:
    """Returns the interval of a score in percent, or None where it is no mean of its hits."""
    mean = sum(hits) / len(hits)
    if abs(score - 100 * mean) > TOLERANCE:
        return None
    return wilson_interval(mean, len(hits), CONFIDENCE)


def average_interval(scores: Sequence[Estimate]) -> Estimate:
    """Returns the mean of benchmarks' scores with its interval; each benchmark weighs the same."""
    count = len(scores)
    mean = sum(score.value for score in scores) / count
    below = hypot(*(score.value - score.low for score in scores)) / count
    above = hypot(*(score.high - score.value for score in scores)) / count
    return Estimate(mean, mean - below, mean + above)


def difference_interval(scores: Sequence[float], hits: Sequence[Sequence[float]]) -> Estimate:
    """Returns one score minus another with an interval, paired by question.

    Args:
        scores: Both in percent.
        hits: Of the same questions by both models, whose means the scores are; empty where they
            are none, and the interval is nan.
    """
    value = scores[0] - scores[1]
    if len(hits[0]) < 2:
        return Estimate(value, float("nan"), float("nan"))
    differences = [100 * (one - other) for one, other in zip(*hits, strict=True)]
    error = stdev(differences) / sqrt(len(differences))
    half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * error
    return Estimate(value, value - half, value + half)
