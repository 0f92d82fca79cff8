"""What stands under each table: the design, the budget, the tests and what they can detect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from frism.results.analysis import Analysis
from frism.results.candidates import VLM, Candidate, labelled
from frism.results.lines import Line
from frism.results.power import coarse, power
from frism.results.wording import both, budget, listed, stands

SPLITS = ("validation", "test")


def notes(found: Analysis, names: Mapping[str, str]) -> list[str]:
    """Returns the sentences under the main table of an experiment.

    Args:
        found: The experiment.
        names: Display name of each method.
    """
    return [
        *design(found),
        _budget(found, names),
        _marks(),
        *_undefined(found),
        *comparisons(found),
    ]


def design(found: Analysis) -> list[str]:
    """Returns how many seeds, questions and resamples the numbers rest on."""
    level, resamples = 100 * found.test.confidence, len(found.test.resampled)
    return [
        size(found),
        f"Averages are means over benchmarks and families, in percent, on test. Intervals of "
        f"{level:g} %: {resamples} bootstrap resamples of families, then of questions within "
        "them; differences are paired by question.",
    ]


def size(found: Analysis) -> str:
    """Returns how many seeds and questions there are."""
    families = found.test.table.families
    return (
        f"Families of models: {len(families)} (seeds {', '.join(map(str, families))}). Questions "
        f"per benchmark: {'; '.join(_questions(found, split) for split in SPLITS)}."
    )


def comparisons(found: Analysis) -> list[str]:
    """Returns what was tested, how it was corrected, and what the design can detect."""
    count = len(found.defined)
    lines = f"{count} comparison{'s' * (count != 1)}"
    return [
        f"p: reasoning against the VLM, two-sided, corrected by Holm's method for the {lines} of "
        f"this table; each p is {_used(found)}.",
        *coarse(found, count),
        power(found, found.defined, Candidate(VLM), "the VLM"),
    ]


def against_notes(found: Analysis, ours: Line) -> list[str]:
    """Returns what stands under the comparison of FRISM's line with every other one."""
    others = [each for each in found.defined if each != ours]
    count = len(others)
    return [
        *design(found),
        f"p: two-sided, corrected by Holm's method for the {count} comparisons of this table; "
        f"each p is {_used(found)}.",
        *coarse(found, count),
        power(found, others, ours.candidate, "FRISM"),
        "above, below: both intervals leave out zero; not different: one of them does not, which "
        "is no proof of equality. A control that is not different does as well as FRISM.",
    ]


def curve_notes(curves: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> list[str]:
    """Returns the comparisons at equal perception in words.

    Args:
        curves: What `frism.results.equal_perception.equal_perception` returned.
        names: Display name of each method.
    """
    start = (
        "For each of FRISM's rows: its reasoning minus the most that the other method's curve "
        "reaches while it keeps at least the same perception; mean over the rows."
    )
    return [
        start,
        *(
            f"Over the whole curve FRISM is {stands(each)} {names.get(method, method)} at equal "
            f"perception: {both(each)} over {len(curves)} curves."
            for method, each in curves.items()
        ),
    ]


def _used(found: Analysis) -> str:
    if len(found.test.table.families) < 2:
        return "the bootstrap's, over questions: one family has no spread that a test could use"
    return (
        "the larger of Student's over families and the paired bootstrap's: with few families the "
        "bootstrap understates their spread and Student's rejects too readily where they happen "
        "to agree, and the larger is valid if either is"
    )


def _questions(found: Analysis, split: str) -> str:
    counts = found.questions.get(split)
    if not counts:
        return f"{split} not among the records"
    distinct = sorted(set(counts.values()))
    if len(distinct) == 1:
        return f"{split} {distinct[0]}"
    parts = (
        f"{count} ({listed(name for name, own in counts.items() if own == count)})"
        for count in distinct
    )
    return f"{split} {', '.join(parts)}"


def _budget(found: Analysis, names: Mapping[str, str]) -> str:
    counts = {
        labelled(names.get(each.method, each.method), each.row): each.candidates
        for each in found.defined
    }
    tolerance = found.settings.perception_tolerance
    return (
        f"Candidates per line: {budget(counts, {})}. {_of_methods(found, names)}Of each "
        "line the one with the most reasoning on validation among those that lost at most "
        f"{tolerance:g} of the VLM's perception points there; equals: the smaller change of "
        "weights."
    )


def _of_methods(found: Analysis, names: Mapping[str, str]) -> str:
    """Returns the candidates of whole methods, where the lines of several are their values."""
    sweeps = [each for each in found.sweeps.values() if each.rows]
    if len(sweeps) < 2 or all(len(each.rows) == 1 for each in sweeps):
        return ""
    counts = {names.get(each.method, each.method): len(each.candidates) for each in sweeps}
    return f"Candidates per method, all its lines together: {budget(counts, {})}. "


def _marks() -> str:
    return (
        "★ most reasoning on test of the VLM and the lines that kept perception on validation; "
        "≈ not significantly different from it: the bootstrap's interval of the difference or "
        "Student's over families holds zero; "
        "† no candidate kept perception, the one with the most stands in. The LRM answers without "
        "the image and is not compared."
    )


def _undefined(found: Analysis) -> list[str]:
    if all(each.undefined is None for each in found.lines):
        return []
    return ["Methods that are not defined for this pair have a line with the reason."]
