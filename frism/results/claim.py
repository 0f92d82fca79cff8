"""The paper's claim (arXiv 2601.21187) put to the test, and the verdict in plain words.

The claim: FRISM's reasoning average exceeds that of the best layer-level point when both may lose
a stated number of points of the VLM's perception, and that of one learned gate per matrix. Every
coefficient is chosen on validation; every difference is measured on test. The claim holds where
two intervals of the difference lie above zero: the paired bootstrap's and Student's over families.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from frism.errors import DataError
from frism.results.candidates import FRISM, MATRIX_GATES, REFERENCES, Candidate
from frism.results.comparison import compare, describe, equal_perception
from frism.results.scores import SplitScores
from frism.results.selection import Choice, choose_on, points_of

MINIMUM_FAMILIES = 3
# the paired bootstrap's over families and questions, and Student's t over families
INTERVALS = ("difference", "t_interval")
HOLDS, PARTLY, FAILS, UNTESTED = "holds", "holds in part", "does not hold", "was not tested"


@dataclass(frozen=True)
class Evidence:
    """What a claim is judged on.

    Args:
        validation: Scores on the split that coefficients are chosen on.
        test: Scores on the split that is reported.
        choices: The chosen candidate of each merge method.
        layer_level: Methods with one coefficient or gate per matrix, layer or model.
        tolerance: Points of the VLM's perception that a merge may lose.
    """

    validation: SplitScores
    test: SplitScores
    choices: dict[str, Choice]
    layer_level: tuple[str, ...]
    tolerance: float


def claim(evidence: Evidence, shares: pd.DataFrame) -> dict[str, Any]:
    """Returns everything the verdict rests on, ready for JSON.

    Args:
        evidence: Scores and choices of one pair.
        shares: Columns method, parameters, chain_share and cut_share, on test.
    """
    test = evidence.test
    facts: dict[str, Any] = {
        "pair": test.table.pair,
        "families": list(test.table.families),
        "confidence": test.confidence,
        "resamples": len(test.resampled),
        "perception_tolerance": evidence.tolerance,
        "candidates": {each: choice.candidates for each, choice in evidence.choices.items()},
        "shares": _shares(evidence.choices, shares),
    }
    if FRISM not in evidence.choices or not evidence.layer_level:
        return {**facts, "verdict": UNTESTED}
    facts |= _comparisons(evidence)
    return {**facts, "verdict": _verdict(facts)}


def best_on_validation(evidence: Evidence) -> str:
    """Returns the layer-level method whose chosen candidate reasons best on validation.

    A method that kept the VLM's perception goes before one that did not.
    """

    def merit(method: str) -> tuple[bool, float]:
        choice = evidence.choices[method]
        points = points_of(evidence.validation, method)
        (point,) = [each for each in points if each.candidate == choice.candidate]
        return choice.constraint_met, point.reasoning

    return max(evidence.layer_level, key=merit)


def _comparisons(evidence: Evidence) -> dict[str, Any]:
    test, ours = evidence.test, evidence.choices[FRISM]
    _same_families(evidence)
    # chosen with knowledge of the test split, so it is an opponent stronger than any real choice
    oracle = choose_on(test, evidence.layer_level, evidence.tolerance)
    rivals = {
        method: compare(test, ours.candidate, evidence.choices[method])
        for method in evidence.layer_level
    }
    best = best_on_validation(evidence)
    return {
        "frism": describe(test, ours),
        "layer_level": rivals,
        "best_layer_level": best,
        "against_best_layer_level": rivals[best],
        "against_best_layer_level_on_test": compare(test, ours.candidate, oracle),
        "against_matrix_gates": rivals.get(MATRIX_GATES),
        "equal_perception": {
            method: equal_perception(test, FRISM, method) for method in evidence.layer_level
        },
    }


def _same_families(evidence: Evidence) -> None:
    validation, test = evidence.validation.table, evidence.test.table
    if validation.families != test.families:
        raise DataError(
            f"pair {test.pair}: found families {validation.families} on validation and "
            f"{test.families} on test, expected the same; evaluate both splits of all families"
        )


def _verdict(facts: dict[str, Any]) -> str:
    enough = len(facts["families"]) >= MINIMUM_FAMILIES and facts["frism"]["constraint_met"]
    rivals = [facts["against_best_layer_level"], facts["against_matrix_gates"]]
    if not enough or not any(above_zero(each, "difference") for each in rivals):
        return FAILS
    clear = all(above_zero(each, name) for each in rivals for name in INTERVALS)
    return HOLDS if clear else PARTLY


def above_zero(comparison: Mapping[str, Any] | None, name: str) -> bool:
    """Returns whether an interval (one of `INTERVALS`) of a comparison lies above zero.

    A comparison that was not made has none, nor has Student's over one family.
    """
    low = None if comparison is None else comparison[name]["low"]
    return low is not None and low > 0


def _shares(choices: dict[str, Choice], shares: pd.DataFrame) -> dict[str, dict[str, float]]:
    keyed = shares.set_index(["method", "parameters"])
    chosen: Sequence[Candidate] = [choice.candidate for choice in choices.values()]
    references = [Candidate(method) for method in REFERENCES]
    return {
        each.method: {
            name: round(float(str(keyed.loc[tuple(each), name])), 4)
            for name in ("chain_share", "cut_share")
        }
        for each in [*references, *chosen]
        if tuple(each) in keyed.index
    }
