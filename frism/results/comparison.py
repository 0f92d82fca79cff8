"""Paired comparisons of reasoning on test, as they stand in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from frism.results.candidates import PERCEPTION, REASONING, VLM, Candidate
from frism.results.lines import Line
from frism.results.scores import Array, SplitScores
from frism.results.significance import Significance, holm
from frism.results.statistics import Estimate, t_interval

# the paired bootstrap's over families and questions, and Student's t over families
INTERVALS = ("difference", "t_interval")
ABOVE, BELOW, NOT_DIFFERENT = "above", "below", "not different"


def compare(scores: SplitScores, one: Candidate, line: Line) -> dict[str, Any]:
    """Returns the reasoning difference of `one` to a line, with intervals and p-values."""
    by_family = scores.family_differences(REASONING, one, line.candidate)
    return {
        **describe(scores, line),
        "difference": interval(scores.difference(REASONING, one, line.candidate)),
        "t_interval": interval(t_interval(by_family, scores.confidence)),
        "per_family": per_family(scores, by_family),
        "p": p_values(scores.significance(REASONING, one, line.candidate)),
    }


def describe(scores: SplitScores, line: Line) -> dict[str, Any]:
    """Returns a line with its averages on the split of `scores`."""
    each = line.candidate
    return {
        "method": line.method,
        "parameters": line.parameters,
        "constraint_met": line.constraint_met,
        "candidates": line.candidates,
        "reasoning": interval(scores.average(REASONING, each)),
        "perception": interval(scores.average(PERCEPTION, each)),
        "perception_delta": interval(scores.difference(PERCEPTION, each, Candidate(VLM))),
    }


def corrected(comparisons: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Returns comparisons with `p.holm`: the larger p after Holm's correction over all of them."""
    values = holm([larger(each["p"]) for each in comparisons.values()])
    return {
        name: {**each, "p": {**each["p"], "holm": _round(value)}}
        for (name, each), value in zip(comparisons.items(), values, strict=True)
    }


def larger(p: Mapping[str, float | None]) -> float:
    """Returns the p-value that counts, of those of a comparison."""
    t, bootstrap = (
        np.nan if p[name] is None else float(p[name] or 0) for name in ("t", "bootstrap")
    )
    return Significance(t, bootstrap).larger


def above_zero(comparison: Mapping[str, Any], name: str) -> bool:
    """Returns whether an interval (one of `INTERVALS`) of a comparison lies above zero.

    Student's over one family is none and does not.
    """
    low = comparison[name]["low"]
    return low is not None and low > 0


def outcome(comparison: Mapping[str, Any]) -> str:
    """Returns `above` or `below` where both intervals leave out zero, else `not different`."""
    if all(above_zero(comparison, name) for name in INTERVALS):
        return ABOVE
    highs = [comparison[name]["high"] for name in INTERVALS]
    return BELOW if all(high is not None and high < 0 for high in highs) else NOT_DIFFERENT


def interval(estimate: Estimate) -> dict[str, float | None]:
    """Returns an estimate as JSON: rounded, with null where there is no interval."""
    return {name: _round(value) for name, value in estimate._asdict().items()}


def per_family(scores: SplitScores, values: Array | Sequence[float]) -> dict[str, float | None]:
    """Returns one value per family, keyed by its seed."""
    pairs = zip(scores.table.families, values, strict=True)
    return {str(family): _round(float(value)) for family, value in pairs}


def p_values(found: Significance) -> dict[str, float | None]:
    """Returns the p-values as JSON: to six decimals, null where a test is not defined."""
    return {name: _round(value, 6) for name, value in found._asdict().items()}


def _round(value: float, decimals: int = 4) -> float | None:
    # a negative zero would be a difference between files that means nothing
    return None if np.isnan(value) else round(float(value), decimals) + 0.0
