"""What the tests of a table can detect: by the number of resamples, and by that of families."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from frism.results.analysis import Analysis
from frism.results.candidates import REASONING, Candidate
from frism.results.lines import Line
from frism.results.significance import POWER, bootstrap_test, detectable


def coarse(found: Analysis, count: int) -> list[str]:
    """Returns a warning where there are too few resamples for so many comparisons, or nothing."""
    resamples, level = len(found.test.resampled), 1 - found.test.confidence
    least = min(1.0, count * bootstrap_test(np.ones(resamples)))
    if least < level:
        return []
    return [
        f"{resamples} resamples are too few for {count} comparisons: no corrected p can fall below "
        f"{least:.2g}. Raise statistics.resamples."
    ]


def power(found: Analysis, lines: Sequence[Line], base: Candidate, name: str) -> str:
    """Returns the smallest difference in reasoning that the table's comparisons would find.

    Args:
        found: The experiment.
        lines: What is compared.
        base: What it is compared with.
        name: Its name in the sentence.
    """
    families, level = len(found.test.table.families), 1 - found.test.confidence
    if families < 2:
        return "Power over families cannot be told from one family."
    deviations = [
        found.test.family_differences(REASONING, each.candidate, base).std(ddof=1) for each in lines
    ]
    if not deviations:
        return "Nothing is compared, so nothing tells the power."
    typical, strictest = float(np.median(deviations)), level / len(deviations)
    single, corrected = (detectable(typical, families, each) for each in (level, strictest))
    return (
        f"Power: with {families} families a true difference to {name} of {single:.1f} points is "
        f"found with a chance of {100 * POWER:g} % by Student's test at the level of {level:g}, "
        f"one of {corrected:.1f} points at Holm's strictest level of {strictest:.2g}. This takes "
        f"families' differences to spread by {typical:.1f} points, the median over the table of "
        "their standard deviations, which holds the noise of the questions as well."
    )
