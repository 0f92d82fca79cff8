"""Paired comparisons of FRISM with layer-level methods, on test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from frism.results.candidates import PERCEPTION, REASONING, VLM, Candidate
from frism.results.curves import attained, curves
from frism.results.scores import Array, SplitScores
from frism.results.selection import Choice
from frism.results.statistics import Estimate, percentile_interval, t_interval


def compare(scores: SplitScores, one: Candidate, choice: Choice) -> dict[str, Any]:
    """Returns the reasoning difference of `one` to a chosen candidate, with both intervals."""
    other = choice.candidate
    by_family = scores.family_differences(REASONING, one, other)
    return {
        **describe(scores, choice),
        "difference": interval(scores.difference(REASONING, one, other)),
        "t_interval": interval(t_interval(by_family, scores.confidence)),
        "per_family": per_family(scores, by_family),
    }


def describe(scores: SplitScores, choice: Choice) -> dict[str, Any]:
    """Returns a chosen candidate with its averages on the split of `scores`."""
    vlm = Candidate(VLM)
    return {
        "method": choice.candidate.method,
        "parameters": choice.candidate.parameters,
        "constraint_met": choice.constraint_met,
        "candidates": choice.candidates,
        "reasoning": interval(scores.average(REASONING, choice.candidate)),
        "perception": interval(scores.average(PERCEPTION, choice.candidate)),
        "perception_delta": interval(scores.difference(PERCEPTION, choice.candidate, vlm)),
    }


def equal_perception(scores: SplitScores, method: str, rival: str) -> dict[str, Any]:
    """Compares every candidate of `method` with what the curve of `rival` attains.

    For each candidate: its reasoning minus the most that the rival's curve reaches at no less
    than the perception which the candidate keeps; and the mean over the candidates. Averages
    over families are compared with intervals; each family's own curve is compared as well.
    """
    candidates = scores.candidates_of(method)
    pooled = _excess(scores, _family_mean(scores), candidates, rival)[0]
    resampled = _excess(scores, _resampled(scores), candidates, rival)
    by_family = _excess(scores, _families(scores), candidates, rival)
    perception = _family_mean(scores)[1][0]
    points = [
        {
            "parameters": each.parameters,
            "perception": _round(perception[scores.place(each)]),
            "difference": interval(
                percentile_interval(pooled[k], resampled[:, k], scores.confidence)
            ),
            "per_family": per_family(scores, by_family[:, k]),
        }
        for k, each in enumerate(candidates)
    ]
    mean = percentile_interval(pooled.mean(), resampled.mean(axis=1), scores.confidence)
    families = by_family.mean(axis=1)
    return {
        "rival": rival,
        "points": points,
        "mean_difference": interval(mean),
        "mean_t_interval": interval(t_interval(families, scores.confidence)),
        "mean_per_family": per_family(scores, families),
    }


def interval(estimate: Estimate) -> dict[str, float | None]:
    """Returns an estimate as JSON: rounded, with null where there is no interval."""
    return {name: _round(value) for name, value in estimate._asdict().items()}


def per_family(scores: SplitScores, values: Array) -> dict[str, float | None]:
    """Returns one value per family, keyed by its seed."""
    pairs = zip(scores.table.families, values, strict=True)
    return {str(family): _round(value) for family, value in pairs}


def _excess(
    scores: SplitScores, averages: tuple[Array, Array], ours: Sequence[Candidate], rival: str
) -> Array:
    """Returns reasoning beyond the rival's curve, [leading, len(ours)]."""
    reasoning, perception = averages
    lines = [
        [scores.place(each) for each in curve] for curve in curves(scores.candidates_of(rival))
    ]
    columns = []
    for each in ours:
        at = perception[:, scores.place(each)]
        best = [attained(perception[:, line], reasoning[:, line], at) for line in lines]
        columns.append(reasoning[:, scores.place(each)] - np.max(best, axis=0))
    return np.stack(columns, axis=1)


def _families(scores: SplitScores) -> tuple[Array, Array]:
    return scores.by_family(REASONING), scores.by_family(PERCEPTION)


def _family_mean(scores: SplitScores) -> tuple[Array, Array]:
    reasoning, perception = _families(scores)
    return reasoning.mean(axis=0)[None], perception.mean(axis=0)[None]


def _resampled(scores: SplitScores) -> tuple[Array, Array]:
    return scores.by_resample(REASONING), scores.by_resample(PERCEPTION)


def _round(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
