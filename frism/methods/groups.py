"""Kinds of merge method, in the order in which documents and figures show them."""

from __future__ import annotations

from collections.abc import Iterable

from frism.methods.method import Method

GRANULARITIES = ("model", "layer", "matrix", "head", "block", "direction")
ONE, TWO = "One task vector", "Two task vectors"
LEARNED, CLOSED = "Learned coefficients", "Gates without training"
CONTROLS = "Controls"
GROUPS = {
    ONE: "The LRM's task vector is added to the VLM; nothing is trained.",
    TWO: "The LRM's and the VLM's own task vectors are merged with each other; needs the language "
    "model that the VLM was trained from.",
    LEARNED: "Coefficients are trained on calibration questions that nobody has labelled.",
    CLOSED: "Gates are computed from the curvature of the perception loss, in one pass.",
    CONTROLS: "Gates whose directions or values were replaced: they must not help.",
}


def group_of(method: Method) -> str:
    """Returns the group that a method belongs to, a key of `GROUPS`."""
    if is_control(method):
        return CONTROLS
    if method.learned is not None:
        return LEARNED
    if "curvature" in method.needs:
        return CLOSED
    return TWO if "vlm_base" in method.needs else ONE


def is_control(method: Method) -> bool:
    """Tells whether a method takes over another's gates, or stands before random directions."""
    learned = method.learned
    return learned is not None and (learned.gates_of is not None or learned.directions == "random")


def grouped(methods: Iterable[Method]) -> dict[str, list[Method]]:
    """Returns the methods of each group that has any, by granularity and name."""
    ordered = sorted(methods, key=lambda each: (fineness(each), each.name.casefold()))
    found = {group: [each for each in ordered if group_of(each) == group] for group in GROUPS}
    return {group: members for group, members in found.items() if members}


def fineness(method: Method) -> int:
    """Returns the place of a method's granularity, from a whole model to a direction."""
    return GRANULARITIES.index(method.granularity)
