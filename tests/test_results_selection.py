"""The rule that chooses coefficients, and the curves of the equal-perception comparison."""

from __future__ import annotations

import numpy as np
import pytest

from frism.errors import DataError
from frism.results.candidates import Candidate
from frism.results.curves import attained, curves
from frism.results.selection import Choice, Point, choose


def point(parameters: str, *averages: float, change: float | None = None) -> Point:
    reasoning, perception = averages
    return Point(Candidate("m", parameters), reasoning, perception, change)


def test_most_reasoning_within_the_tolerance_wins() -> None:
    points = [point("a=1", 50, 97.0), point("a=2", 60, 96.0), point("a=3", 90, 95.9)]
    choice = choose(points, vlm_perception=97.0, tolerance=1.0)
    assert choice == Choice(Candidate("m", "a=2"), constraint_met=True, candidates=3)


def test_the_edge_of_the_tolerance_survives_rounding() -> None:
    # 0.3 - 0.2 exceeds 0.1 in binary
    assert choose([point("a=1", 5, 0.2)], vlm_perception=0.3, tolerance=0.1).constraint_met


def test_tie_goes_to_the_smaller_change_of_weights() -> None:
    points = [
        point("a=1", 50, 97, change=0.3),
        point("a=2", 50, 96.5, change=0.2),
        point("a=3", 50, 97),
    ]
    assert choose(points, 97, 1).candidate.parameters == "a=2"


def test_tie_without_change_goes_to_the_smaller_parameter_as_a_number() -> None:
    points = [point("a=10", 50, 97), point("a=9", 50, 97)]
    assert choose(points, 97, 1).candidate.parameters == "a=9"


def test_words_stand_after_numbers_in_a_tie() -> None:
    points = [point("a=word", 50, 97), point("a=2+b=1", 50, 97), point("a=2", 50, 97)]
    assert choose(points, 97, 1).candidate.parameters == "a=2"


def test_without_a_candidate_within_the_tolerance_the_most_perception_wins() -> None:
    points = [point("a=1", 50, 90.0), point("a=2", 40, 92.0), point("a=3", 60, 91.0)]
    choice = choose(points, 97, 1)
    assert (choice.candidate.parameters, choice.constraint_met) == ("a=2", False)


def test_no_candidate_is_an_error() -> None:
    with pytest.raises(DataError, match="found no candidate"):
        choose([], 97, 1)


CURVE = (np.array([98.0, 96.0, 92.0, 90.0]), np.array([20.0, 60.0, 80.0, 70.0]))


@pytest.mark.parametrize(
    ("kept", "reasoning"),
    [
        (98.0, 20.0),  # the first vertex
        (97.0, 40.0),  # half-way between the first two
        (93.0, 75.0),  # three quarters of the second segment
        (92.0, 80.0),  # a vertex
        (91.0, 80.0),  # the curve falls behind: the vertex with more perception counts
        (10.0, 80.0),  # all of the curve keeps more
        (99.0, 20.0),  # nothing keeps as much: the most perception stands in
    ],
)
def test_attained_interpolates_exactly(kept: float, reasoning: float) -> None:
    assert attained(*CURVE, np.array(kept)) == pytest.approx(reasoning, abs=1e-12)


def test_attained_takes_the_best_crossing_of_a_curve_that_turns_back() -> None:
    perception, reasoning = np.array([95.0, 90.0, 95.0]), np.array([10.0, 20.0, 80.0])
    assert attained(perception, reasoning, np.array(92.5)) == 80.0


def test_attained_works_on_many_curves_at_once() -> None:
    perception, reasoning = (np.stack([values, values]) for values in CURVE)
    assert attained(perception, reasoning, np.array([97.0, 92.0])).tolist() == [40.0, 80.0]


def test_a_curve_runs_over_the_parameter_with_most_values_from_the_vlm() -> None:
    candidates = [Candidate("m", f"a={a}+b={b}") for b in (1, 2) for a in (10, 3, 1)]
    found = curves(candidates)
    assert [[each.parameters for each in curve] for curve in found] == [
        ["none", "a=1+b=1", "a=3+b=1", "a=10+b=1"],
        ["none", "a=1+b=2", "a=3+b=2", "a=10+b=2"],
    ]
