"""What a reader must know before the verdict is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from frism.results.claim import MINIMUM_FAMILIES
from frism.results.comparison import above_zero
from frism.results.wording import listed, name_of, p_text, ranged


def reservations(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Returns a statement for everything that weakens a claim's verdict, or none.

    Args:
        facts: What `frism.results.claim.claim` returned for a claim that was tested.
        names: Display name of each method.
    """
    return [
        *_student(facts, names),
        *_corrected(facts, names),
        *_families(facts),
        *_perception(facts),
        *_constraints(facts, names),
    ]


def _student(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    rivals = [facts["others"][key] for key in facts["layer_level"]]
    found = [
        f"{name_of(rival, names)} {ranged(rival['t_interval'])}"
        for rival in rivals
        if above_zero(rival, "difference") and not above_zero(rival, "t_interval")
    ]
    text = "Student's interval over families includes zero where the bootstrap's does not, against"
    return [f"{text}: {', '.join(found)}."] if found else []


def _corrected(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    level, count = 1 - facts["confidence"], len(facts["others"])
    best, gates = facts["against_best_layer_level"], facts["against_matrix_gates"]
    rivals = [best, *([gates] if gates and gates["method"] != best["method"] else [])]
    return [
        f"Corrected for {count} comparisons the difference to {name_of(rival, names)} does not "
        f"reach the level of {level:g}: {p_text(rival['p']['holm'])}."
        for rival in rivals
        if above_zero(rival, "difference") and rival["p"]["holm"] >= level
    ]


def _families(facts: Mapping[str, Any]) -> list[str]:
    if len(facts["families"]) >= MINIMUM_FAMILIES:
        return []
    return [
        f"The claim asks for at least {MINIMUM_FAMILIES} families; found {len(facts['families'])}."
    ]


def _perception(facts: Mapping[str, Any]) -> list[str]:
    if facts["perception_tolerance"] >= -facts["frism"]["perception_delta"]["value"]:
        return []
    return ["On test FRISM lost more perception than was allowed on validation."]


def _constraints(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    unmet = [
        names.get(each["method"], each["method"])
        for each in (facts["frism"], *facts["others"].values())
        if not each["constraint_met"]
    ]
    text = "kept the VLM's perception on validation; the one with the most perception stands in"
    return [f"No candidate of {listed(unmet)} {text}."] if unmet else []
