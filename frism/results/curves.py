"""The equal-perception comparison: what a swept method attains at the perception another keeps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from frism.results.candidates import VLM, Candidate, Rank

Array = NDArray[np.float64]


def attained(perception: Array, reasoning: Array, at: Array) -> Array:
    """Returns the most reasoning that a curve reaches while it keeps perception `at`.

    The curve is the polyline through the points in their order, so it counts what lies between
    two swept coefficients; it may turn back, then the best of its crossings counts. Where the
    whole curve has less perception, its point with the most perception stands in, which favours
    the curve.

    Args:
        perception: The curve's perception averages, [..., points].
        reasoning: The curve's reasoning averages, [..., points].
        at: The perception to be kept, [...].
    """
    level = at[..., None]
    reached = np.where(perception >= level, reasoning, -np.inf)
    best = reached.max(axis=-1)
    if perception.shape[-1] > 1:
        best = np.maximum(best, _crossings(perception, reasoning, level).max(axis=-1))
    top = perception.argmax(axis=-1)[..., None]
    fallback = np.take_along_axis(reasoning, top, axis=-1)[..., 0]
    return np.where(np.isneginf(best), fallback, best)


def curves(candidates: Sequence[Candidate]) -> list[tuple[Candidate, ...]]:
    """Returns the curves of a method, each starting at the VLM and running over one parameter.

    The parameter with the most values is the one that runs; every combination of the others gives
    a curve of its own. The unmerged VLM is the limit of a small coefficient.
    """
    runs = _running(candidates)
    ordered = sorted(candidates, key=lambda each: (_others(each, runs), each.rank))
    grouped = groupby(ordered, key=lambda each: _others(each, runs))
    return [(Candidate(VLM), *members) for _, members in grouped]


def _crossings(perception: Array, reasoning: Array, level: Array) -> Array:
    start, end = perception[..., :-1], perception[..., 1:]
    crosses = (start - level) * (end - level) < 0
    position = (level - start) / np.where(crosses, end - start, 1.0)
    value = reasoning[..., :-1] + position * (reasoning[..., 1:] - reasoning[..., :-1])
    return np.where(crosses, value, -np.inf)


def _running(candidates: Sequence[Candidate]) -> int:
    columns = list(zip(*(each.values for each in candidates), strict=True))
    counts = [len(set(column)) for column in columns]
    return counts.index(max(counts)) if counts else 0


def _others(candidate: Candidate, runs: int) -> Rank:
    return tuple(value for place, value in enumerate(candidate.rank) if place != runs)
