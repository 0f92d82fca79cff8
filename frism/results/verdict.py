"""The verdict as sentences: the first lines of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from frism.results.candidates import labelled
from frism.results.claim import FAILS, HOLDS, MINIMUM_FAMILIES, PARTLY, UNTESTED

OPENING = {
    HOLDS: "The claim holds.",
    PARTLY: "The claim holds in part.",
    FAILS: "The claim does not hold.",
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
        f"{OPENING[facts['verdict']]} {_main(facts, names)}",
        *_reservations(facts),
        _stricter(facts),
        _perception(facts),
        _oracle(facts, names),
        *_matrix_gates(facts),
        *[_curve(facts, method, names) for method in facts["equal_perception"]],
        _shares(facts, names),
    ]


def _main(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    rival, level = facts["against_best_layer_level"], 100 * facts["confidence"]
    return (
        f"FRISM ({facts['frism']['parameters']}) reaches "
        f"{facts['frism']['reasoning']['value']:.1f} % of visual reasoning, "
        f"{_points(rival['difference'])} than the best layer-level merge, {_name(rival, names)}, "
        f"with {rival['reasoning']['value']:.1f} %: paired {level:g} % interval "
        f"{_range(rival['difference'])} over {len(facts['families'])} families and their "
        f"questions. Both coefficients were chosen on validation, each "
        f"losing at most {facts['perception_tolerance']:g} of the VLM's perception points there."
    )


def _stricter(facts: Mapping[str, Any]) -> str:
    rival = facts["against_best_layer_level"]
    families = ", ".join(f"{value:+.1f}" for value in rival["per_family"].values())
    if rival["t_interval"]["low"] is None:
        return "One family gives no interval over families."
    side = "also lies above" if rival["t_interval"]["low"] > 0 else "does not lie above"
    return (
        f"Stricter check, Student's interval over the families alone ({families}): "
        f"{_range(rival['t_interval'])}, which {side} zero."
    )


def _perception(facts: Mapping[str, Any]) -> str:
    ours, rival = facts["frism"], facts["against_best_layer_level"]
    return (
        "Change of the perception average on test against the VLM: "
        f"FRISM {_signed(ours['perception_delta'])}, "
        f"best layer-level merge {_signed(rival['perception_delta'])} points."
    )


def _oracle(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    rival = facts["against_best_layer_level_on_test"]
    return (
        "Against the layer-level merge picked in hindsight on test, "
        f"{_name(rival, names)}: {_signed(rival['difference'])} points."
    )


def _matrix_gates(facts: Mapping[str, Any]) -> list[str]:
    rival = facts["against_matrix_gates"]
    if rival is None:
        return ["One learned gate per matrix was not among the methods."]
    return [
        "Against one learned gate per matrix with the same objective "
        f"({rival['parameters']}): {_signed(rival['difference'])} points."
    ]


def _curve(facts: Mapping[str, Any], method: str, names: Mapping[str, str]) -> str:
    curve = facts["equal_perception"][method]
    return (
        f"At equal perception over the whole curve, against {names.get(method, method)}: "
        f"{_signed(curve['mean_difference'])} points on average over FRISM's "
        f"{len(curve['points'])} candidates."
    )


def _shares(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    parts = [
        f"{names.get(method, method)} {100 * share['chain_share']:.0f} % / "
        f"{100 * share['cut_share']:.1f} %"
        for method, share in facts["shares"].items()
    ]
    return f"Share of reasoning answers with a chain / cut off at the limit: {', '.join(parts)}."


def _reservations(facts: Mapping[str, Any]) -> list[str]:
    found = []
    if len(facts["families"]) < MINIMUM_FAMILIES:
        found.append(
            f"The claim asks for at least {MINIMUM_FAMILIES} families; "
            f"found {len(facts['families'])}."
        )
    if facts["perception_tolerance"] < -facts["frism"]["perception_delta"]["value"]:
        found.append("On test FRISM lost more perception than was allowed on validation.")
    rivals = [facts["frism"], *facts["layer_level"].values()]
    found += [
        f"No candidate of {rival['method']} kept the VLM's perception on validation; the one with "
        "the most perception stands in."
        for rival in rivals
        if not rival["constraint_met"]
    ]
    return found


def _name(rival: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return labelled(names.get(rival["method"], rival["method"]), rival["parameters"])


def _points(estimate: Mapping[str, float]) -> str:
    return f"{abs(estimate['value']):.1f} points {'more' if estimate['value'] >= 0 else 'less'}"


def _range(estimate: Mapping[str, float]) -> str:
    return f"[{estimate['low']:+.1f}, {estimate['high']:+.1f}]"


def _signed(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:+.1f} {_range(estimate)}"
