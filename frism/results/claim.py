"""The paper's claim (arXiv 2601.21187) put to the test.

The claim: FRISM's reasoning average exceeds that of the best layer-level merge, and that of one
learned gate per matrix, when each may lose a stated number of points of the VLM's perception. Every
coefficient and every rival is chosen on validation; every difference is measured on test. The claim
holds where two intervals of both differences lie above zero, the paired bootstrap's and Student's
over families; in part where they do for one of the two. P-values are corrected by Holm's method
over all methods of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from frism.results.against import against
from frism.results.analysis import Analysis
from frism.results.candidates import (
    CLOSED_FORM,
    MATRIX_GATES,
    PERCEPTION,
    REASONING,
    VLM,
    Candidate,
)
from frism.results.comparison import ABOVE, describe, outcome
from frism.results.lines import Line, best_on_validation
from frism.results.selection import Point, choose

MINIMUM_FAMILIES = 3
HOLDS, PARTLY, FAILS, UNTESTED = "holds", "holds in part", "does not hold", "was not tested"


def claim(found: Analysis) -> dict[str, Any]:
    """Returns everything the verdict rests on, ready for JSON."""
    test, ours = found.test, found.ours
    facts: dict[str, Any] = {
        "pair": found.pair,
        "experiment": found.experiment,
        "families": list(test.table.families),
        "confidence": test.confidence,
        "resamples": len(test.resampled),
        "perception_tolerance": found.settings.perception_tolerance,
        "candidates": {each.key: each.candidates for each in found.defined},
        "undefined": {each.key: each.undefined for each in found.lines if each.undefined},
        "shares": _shares(found),
    }
    rivals = [each for each in found.defined if each.method in found.settings.layer_level]
    if ours is None or not rivals:
        return {**facts, "verdict": UNTESTED}
    facts |= _comparisons(found, ours, rivals)
    return {**facts, "verdict": _verdict(facts)}


def _comparisons(found: Analysis, ours: Line, rivals: Sequence[Line]) -> dict[str, Any]:
    others = [each for each in found.defined if each != ours]
    compared = against(found, ours, others)
    keys = {each.method: each.key for each in others}
    best, best_other = best_on_validation(rivals), best_on_validation(others)
    controls = {
        key: _control(compared[keys[key]]) for key in found.settings.controls if key in keys
    }
    return {
        "frism": describe(found.test, ours),
        "others": compared,
        "layer_level": [each.key for each in rivals],
        "best_layer_level": best.method,
        "against_best_layer_level": compared[best.key],
        "against_best_layer_level_on_test": compared[_best_on_test(found, rivals).key],
        "best_other": best_other.method,
        "against_best_other": compared[best_other.key],
        "against_matrix_gates": compared.get(keys.get(MATRIX_GATES, "")),
        "controls": controls,
        "against_closed_form": compared.get(keys.get(CLOSED_FORM, "")),
    }


def _control(comparison: dict[str, Any]) -> dict[str, Any]:
    """Returns a control's comparison; it does as well unless FRISM is shown to be above it."""
    return {**comparison, "as_well": outcome(comparison) != ABOVE}


def _best_on_test(found: Analysis, rivals: Sequence[Line]) -> Line:
    """Returns the rival that the rule takes in hindsight: stronger than any real choice."""
    test, tolerance = found.test, found.settings.perception_tolerance
    points = [
        Point(
            each.candidate,
            test.average(REASONING, each.candidate).value,
            test.average(PERCEPTION, each.candidate).value,
        )
        for each in rivals
    ]
    vlm = test.average(PERCEPTION, Candidate(VLM)).value
    choice = choose(points, vlm, tolerance)
    return next(each for each in rivals if each.candidate == choice.candidate)


def _verdict(facts: dict[str, Any]) -> str:
    enough = len(facts["families"]) >= MINIMUM_FAMILIES and facts["frism"]["constraint_met"]
    rivals = [facts["against_best_layer_level"], facts["against_matrix_gates"]]
    beaten = [each is not None and outcome(each) == ABOVE for each in rivals]
    if not enough or not any(beaten):
        return FAILS
    return HOLDS if all(beaten) else PARTLY


def _shares(found: Analysis) -> dict[str, dict[str, float]]:
    shown = [(each.method, each) for each in found.references]
    shown += [(each.key, each.candidate) for each in found.defined]
    names = ("chain_share", "cut_share")
    return {
        key: {n: round(v, 4) for n, v in zip(names, found.shares[each], strict=True)}
        for key, each in shown
    }
