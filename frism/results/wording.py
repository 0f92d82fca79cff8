"""Numbers and comparisons in words, for verdicts and notes under tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from frism.results.candidates import labelled
from frism.results.comparison import ABOVE, BELOW, NOT_DIFFERENT, outcome

SMALLEST_P = 0.001
# nothing is called better without intervals above zero
STANDS = {
    ABOVE: "better than",
    BELOW: "worse than",
    NOT_DIFFERENT: "not shown to differ from",
}


def stands(comparison: Mapping[str, Any]) -> str:
    """Returns how FRISM stands to the other, such as `better than`."""
    return STANDS[outcome(comparison)]


def name_of(rival: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Returns a method's display name with its parameters."""
    return labelled(names.get(rival["method"], rival["method"]), rival["parameters"])


def both(rival: Mapping[str, Any]) -> str:
    """Returns a difference with both intervals and its corrected p-value."""
    count = len(rival["per_family"])
    families = f"{count} famil{'y' if count == 1 else 'ies'}"
    return (
        f"{rival['difference']['value']:+.1f} points, {ranged(rival['difference'])} by paired "
        f"bootstrap and {ranged(rival['t_interval'])} by Student's t over {families}, "
        f"{p_text(rival['p']['holm'])} after Holm's correction"
    )


def signed(estimate: Mapping[str, Any]) -> str:
    """Returns a difference with its interval."""
    return f"{estimate['value']:+.1f} {ranged(estimate)}"


def ranged(estimate: Mapping[str, float | None]) -> str:
    """Returns an interval of a difference, or that there is none."""
    if estimate["low"] is None:
        return "no interval"
    return f"[{estimate['low']:+.1f}, {estimate['high']:+.1f}]"


def p_text(value: float | None) -> str:
    """Returns a p-value as it is quoted."""
    if value is None:
        return "no p-value"
    return f"p < {SMALLEST_P:g}" if value < SMALLEST_P else f"p = {value:.3f}"


def budget(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    """Returns how many candidates each method or row had, and whether all had the same."""
    distinct = sorted(set(counts.values()))
    if len(distinct) == 1:
        return f"{distinct[0]} for each, the same budget for all"
    groups = (
        f"{count} for {listed(names.get(key, key) for key, own in counts.items() if own == count)}"
        for count in distinct
    )
    return f"{'; '.join(groups)}: not the same budget"


def listed(words: Iterable[str]) -> str:
    """Returns words as a list in a sentence."""
    found: Sequence[str] = list(words)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"
