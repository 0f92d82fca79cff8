"""One rule for all methods: the most reasoning within a tolerance of the VLM's perception."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from frism.errors import DataError
from frism.results.candidates import Candidate, Rank

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
    """The chosen candidate.

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
    """Chooses among the candidates of one row.

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


def _tie(point: Point) -> tuple[float, Rank, str]:
    change = inf if point.change is None else point.change
    return change, point.candidate.rank, point.candidate.method
