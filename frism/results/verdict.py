"""The verdict as sentences: the first lines of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from frism.results.candidates import FRISM, REFERENCES
from frism.results.claim import FAILS, HOLDS, PARTLY, UNTESTED
from frism.results.comparison import ABOVE, outcome
from frism.results.reservations import reservations
from frism.results.wording import both, budget, name_of, signed, stands

OPENING = {
    HOLDS: "The claim holds",
    PARTLY: "The claim holds in part",
    FAILS: "The claim does not hold",
    UNTESTED: "The claim was not tested: it needs frism and a layer-level method.",
}


def sentences(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Returns the verdict, one statement per item, the answer first.

    Args:
        facts: What `frism.results.claim.claim` returned.
        names: Display name of each method.
    """
    if facts["verdict"] == UNTESTED:
        return [OPENING[UNTESTED]]
    return [
        f"{OPENING[facts['verdict']]}{_against_which(facts)}: {_main(facts)}",
        *reservations(facts, names),
        _levels(facts, names),
        _families(facts),
        *_matrix_gates(facts),
        _best_other(facts, names),
        _oracle(facts, names),
        *_controls(facts, names),
        *_closed_form(facts),
        _candidates(facts, names),
        *_undefined(facts, names),
        _shares(facts, names),
    ]


def _against_which(facts: Mapping[str, Any]) -> str:
    if facts["verdict"] != PARTLY:
        return ""
    best = outcome(facts["against_best_layer_level"]) == ABOVE
    rival = "the best layer-level merge" if best else "one learned gate per matrix"
    return f", against {rival} alone"


def _main(facts: Mapping[str, Any]) -> str:
    level, change = 100 * facts["confidence"], facts["frism"]["perception_delta"]
    best = facts["against_best_layer_level"]
    return (
        f"on test FRISM's reasoning is {stands(best)} that of the best layer-level merge: "
        f"{both(best)} ({level:g} % intervals). FRISM changes the VLM's perception by "
        f"{signed(change)} points."
    )


def _levels(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    ours, rival = facts["frism"], facts["against_best_layer_level"]
    return (
        f"FRISM ({ours['parameters']}) reaches {ours['reasoning']['value']:.1f} % of visual "
        f"reasoning. The best layer-level merge by validation, {name_of(rival, names)}, reaches "
        f"{rival['reasoning']['value']:.1f} % and changes perception by "
        f"{signed(rival['perception_delta'])} points."
    )


def _families(facts: Mapping[str, Any]) -> str:
    values = facts["against_best_layer_level"]["per_family"]
    families = ", ".join(f"{value:+.1f}" for value in values.values())
    return f"Difference to the best layer-level merge by family: {families}."


def _matrix_gates(facts: Mapping[str, Any]) -> list[str]:
    rival = facts["against_matrix_gates"]
    if rival is None:
        return ["One learned gate per matrix was not among the methods."]
    return [
        f"FRISM is {stands(rival)} one learned gate per matrix with the same objective "
        f"({rival['parameters']}): {both(rival)}."
    ]


def _best_other(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    rival = facts["against_best_other"]
    return (
        f"FRISM is {stands(rival)} the best of all other methods by validation, "
        f"{name_of(rival, names)}: {both(rival)}."
    )


def _oracle(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    rival = facts["against_best_layer_level_on_test"]
    return (
        "Against the layer-level merge picked in hindsight on test, "
        f"{name_of(rival, names)}: {signed(rival['difference'])} points."
    )


def _controls(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return [
        f"Control: {name_of(each, names)} "
        + ("does as well as FRISM, which speaks against the method" if each["as_well"] else
           "does not do as well as FRISM")
        + f"; FRISM's reasoning minus its: {signed(each['difference'])} points."
        for each in facts["controls"].values()
    ]  # fmt: skip


def _closed_form(facts: Mapping[str, Any]) -> list[str]:
    rival = facts["against_closed_form"]
    if rival is None:
        return []
    return [
        f"FRISM with learned gates is {stands(rival)} gates in closed form "
        f"({rival['parameters']}): {both(rival)}. Closed-form gates change perception by "
        f"{signed(rival['perception_delta'])} points; seconds stand with the times."
    ]


def _candidates(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return (
        f"Candidates per method: {budget(facts['candidates'], names)}. Validation chose among "
        f"those that lose at most {facts['perception_tolerance']:g} of the VLM's perception points "
        "there."
    )


def _undefined(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return [
        f"{names.get(method, method)} is not defined for this pair: it {reason.rstrip('.')}."
        for method, reason in facts["undefined"].items()
    ]


def _shares(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    rivals = ("against_best_layer_level", "against_best_other", "against_matrix_gates")
    named = [facts[each]["method"] for each in rivals if facts[each] is not None]
    shown = [
        each for each in dict.fromkeys([*REFERENCES, FRISM, *named]) if each in facts["shares"]
    ]
    parts = [
        f"{names.get(method, method)} {100 * facts['shares'][method]['chain_share']:.0f} % / "
        f"{100 * facts['shares'][method]['cut_share']:.1f} %"
        for method in shown
    ]
    largest = max(share["cut_share"] for share in facts["shares"].values())
    return (
        f"Share of reasoning answers with a chain / cut off at the limit: {', '.join(parts)}; "
        f"no line of the table had more than {100 * largest:.1f} % cut off."
    )
