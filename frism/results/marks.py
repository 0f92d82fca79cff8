"""Which line is the best, and which are not significantly different from it."""

from __future__ import annotations

from collections.abc import Iterable

from frism.results.analysis import Analysis
from frism.results.candidates import LRM, REASONING, VLM, Candidate
from frism.results.selection import DECIMALS
from frism.results.statistics import Estimate

BEST, TIED, DIFFERENT = "best", "tied", ""


def best(found: Analysis) -> Candidate:
    """Returns what reasons best on test among the VLM and the lines that kept its perception.

    Whether perception was kept is told by validation. The first of equals in the table's order.
    """
    eligible = [Candidate(VLM), *(each.candidate for each in found.defined if each.constraint_met)]
    return max(
        eligible, key=lambda each: round(found.test.average(REASONING, each).value, DECIMALS)
    )


def mark(candidate: Candidate, to_best: Iterable[Estimate], best: Candidate) -> str:
    """Returns the mark of a line, given its reasoning minus the best one's by each interval.

    It is tied unless all intervals leave out zero; one that is NaN, Student's over one family, has
    no say. The LRM answers without seeing and is marked nowhere.
    """
    if candidate == best:
        return BEST
    holds_zero = any(each.low <= 0 <= each.high for each in to_best)
    return TIED if holds_zero and candidate.method != LRM else DIFFERENT
