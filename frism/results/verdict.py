"""The verdict as sentences: the first lines of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from frism.results.candidates import labelled
from frism.results.claim import FAILS, HOLDS, MINIMUM_FAMILIES, PARTLY, UNTESTED, above_zero

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
        f"{OPENING[facts['verdict']]}: {_main(facts)}",
        *_reservations(facts, names),
        _levels(facts, names),
        _candidates(facts, names),
        _families(facts),
        _oracle(facts, names),
        *_matrix_gates(facts),
        *[_curve(facts, method, names) for method in facts["equal_perception"]],
        _shares(facts, names),
    ]


def _main(facts: Mapping[str, Any]) -> str:
    level, change = 100 * facts["confidence"], facts["frism"]["perception_delta"]
    return (
        f"on test FRISM reasons {_both(facts['against_best_layer_level'])}, than the best "
        f"layer-level merge ({level:g} % intervals) and changes the VLM's perception by "
        f"{_signed(change)} points."
    )


def _levels(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    ours, rival = facts["frism"], facts["against_best_layer_level"]
    return (
        f"FRISM ({ours['parameters']}) reaches {ours['reasoning']['value']:.1f} % of visual "
        f"reasoning. The best layer-level merge, {_name(rival, names)}, reaches "
        f"{rival['reasoning']['value']:.1f} % and changes perception by "
        f"{_signed(rival['perception_delta'])} points."
    )


def _candidates(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    counts = facts["candidates"]
    parts = [f"{names.get(method, method)} {count}" for method, count in counts.items()]
    same = len(set(counts.values())) == 1
    number = "the same number for every method" if same else "not the same number for every method"
    return (
        f"Candidates: {', '.join(parts)}; {number}. Validation chose among those that lose at most "
        f"{facts['perception_tolerance']:g} of the VLM's perception points there."
    )


def _families(facts: Mapping[str, Any]) -> str:
    values = facts["against_best_layer_level"]["per_family"]
    families = ", ".join(f"{value:+.1f}" for value in values.values())
    return f"Difference to the best layer-level merge by family: {families}."


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
        f"({rival['parameters']}): {_both(rival)}."
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


def _reservations(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    rivals = facts["layer_level"].values()
    found = [
        f"Against {_name(rival, names)}, Student's interval over families includes zero: "
        f"{_range(rival['t_interval'])}."
        for rival in rivals
        if above_zero(rival, "difference") and not above_zero(rival, "t_interval")
    ]
    if len(facts["families"]) < MINIMUM_FAMILIES:
        found.append(
            f"The claim asks for at least {MINIMUM_FAMILIES} families; "
            f"found {len(facts['families'])}."
        )
    if facts["perception_tolerance"] < -facts["frism"]["perception_delta"]["value"]:
        found.append("On test FRISM lost more perception than was allowed on validation.")
    found += [
        f"No candidate of {each['method']} kept the VLM's perception on validation; the one with "
        "the most perception stands in."
        for each in (facts["frism"], *rivals)
        if not each["constraint_met"]
    ]
    return found


def _name(rival: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return labelled(names.get(rival["method"], rival["method"]), rival["parameters"])


def _points(estimate: Mapping[str, float]) -> str:
    return f"{abs(estimate['value']):.1f} points {'more' if estimate['value'] >= 0 else 'less'}"


def _both(rival: Mapping[str, Any]) -> str:
    return (
        f"{_points(rival['difference'])}, {_range(rival['difference'])} by paired bootstrap and "
        f"{_range(rival['t_interval'])} by Student's t over {len(rival['per_family'])} families"
    )


def _range(estimate: Mapping[str, float | None]) -> str:
    if estimate["low"] is None:
        return "no interval"
    return f"[{estimate['low']:+.1f}, {estimate['high']:+.1f}]"


def _signed(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:+.1f} {_range(estimate)}"
