"""One rule for all methods: the most reasoning within a tolerance of the VLM's perception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from frism.errors import DataError
from frism.results.candidates import PERCEPTION, REASONING, VLM, Candidate
from frism.results.scores import SplitScores

# averages of the same hits may differ in the last bits by the order of summation
DECIMALS = 9


@dataclass(frozen=True)
class Point:
    """A candidate's averages in percent and how far it moved the weights.

    Args:
        candidate: Method and parameters.
        reasoning: Average over the reasoning benchmarks and families.
        perception: Average over the perception benchmarks and families.
        change: ||W_merged - W_vlm|| / ||W_vlm||, mean over families; None if not recorded.
    """

    candidate: Candidate
    reasoning: float
    perception: float
    change: float | None = None


@dataclass(frozen=True)
class Choice:
    """The chosen candidate of a method.

    Args:
        candidate: The chosen one.
        constraint_met: Whether any candidate kept perception; if none did, the one with the most
            perception was taken.
        candidates: How many there were to choose from.
    """

    candidate: Candidate
    constraint_met: bool
    candidates: int


def choose(points: Sequence[Point], vlm_perception: float, tolerance: float) -> Choice:
    """Chooses among the candidates of one method.

    Ties go to the smaller change of the weights, then to the smaller parameters.

    Args:
        points: The candidates' averages on one split, percent.
        vlm_perception: The unmerged VLM's perception average on the same split, percent.
        tolerance: Points of perception a candidate may lose.
    """
    if not points:
        raise DataError("found no candidate, expected at least one; evaluate the method")
    kept = [point for point in points if keeps(point.perception, vlm_perception, tolerance)]
    if kept:
        best = min(kept, key=lambda point: (-round(point.reasoning, DECIMALS), *_tie(point)))
    else:
        best = min(points, key=lambda point: (-round(point.perception, DECIMALS), *_tie(point)))
    return Choice(best.candidate, bool(kept), len(points))


def keeps(perception: float, vlm_perception: float, tolerance: float) -> bool:
    """Tells whether a perception average is within `tolerance` points of the VLM's."""
    return round(vlm_perception - perception, DECIMALS) <= tolerance


def points_of(
    scores: SplitScores, method: str, changes: Mapping[Candidate, float] | None = None
) -> list[Point]:
    """Returns the points of all candidates of a method on one split."""
    reasoning = scores.by_family(REASONING).mean(axis=0)
    perception = scores.by_family(PERCEPTION).mean(axis=0)
    return [
        Point(each, float(reasoning[k]), float(perception[k]), (changes or {}).get(each))
        for each in scores.candidates_of(method)
        for k in [scores.place(each)]
    ]


def choose_on(
    scores: SplitScores,
    methods: Sequence[str],
    tolerance: float,
    changes: Mapping[Candidate, float] | None = None,
) -> Choice:
    """Applies the rule to all candidates of `methods` on one split, pooled over families."""
    column = scores.place(Candidate(VLM))
    vlm = float(scores.by_family(PERCEPTION).mean(axis=0)[column])
    points = [point for method in methods for point in points_of(scores, method, changes)]
    return choose(points, vlm, tolerance)


def _tie(point: Point) -> tuple[float, tuple[float, ...], str]:
    change = inf if point.change is None else point.change
    return change, point.candidate.values, point.candidate.method
