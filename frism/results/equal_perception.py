"""FRISM against whole curves of other methods, at equal perception.

For experiments in which every value of a running coefficient is a row of its own with test
records: each method is a curve of reasoning against perception, from the VLM on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from frism.results.analysis import Analysis
from frism.results.candidates import FRISM, PERCEPTION, REASONING, Candidate
from frism.results.comparison import corrected, interval, p_values, per_family
from frism.results.curves import attained, curves
from frism.results.lines import Line
from frism.results.scores import Array, SplitScores
from frism.results.significance import significance
from frism.results.statistics import percentile_interval, t_interval


def has_curves(found: Analysis) -> bool:
    """Tells whether FRISM and another method have several rows each."""
    return len(_rows(found, FRISM)) > 1 and bool(rivals_of(found))


def rivals_of(found: Analysis) -> list[str]:
    """Returns the other methods with several rows, in the order of the table."""
    methods = dict.fromkeys(each.method for each in found.defined if each.method != FRISM)
    return [each for each in methods if len(_rows(found, each)) > 1]


def equal_perception(found: Analysis) -> dict[str, dict[str, Any]]:
    """Compares every row of FRISM with what the curve of each rival attains, Holm-corrected.

    For each row: its reasoning minus the most that the rival's curve reaches at no less than the
    perception which the row keeps; and the mean over the rows. Averages over families are
    compared with intervals; each family's own curve is compared as well.
    """
    return corrected({rival: _against(found, rival) for rival in rivals_of(found)})


def _against(found: Analysis, rival: str) -> dict[str, Any]:
    test, ours = found.test, _rows(found, FRISM)
    pooled = _excess(found, _family_mean(test), rival)[0]
    resampled = _excess(found, _resampled(test), rival)
    by_family = _excess(found, _families(test), rival)
    perception = _family_mean(test)[1][0]
    points = [
        {
            "row": each.row,
            "parameters": each.parameters,
            "perception": round(float(perception[test.place(each.candidate)]), 4),
            "difference": interval(
                percentile_interval(pooled[k], resampled[:, k], test.confidence)
            ),
            "per_family": per_family(test, by_family[:, k]),
        }
        for k, each in enumerate(ours)
    ]
    means, families = resampled.mean(axis=1), by_family.mean(axis=1)
    return {
        "method": rival,
        "points": points,
        "difference": interval(percentile_interval(pooled.mean(), means, test.confidence)),
        "t_interval": interval(t_interval(families, test.confidence)),
        "per_family": per_family(test, families),
        "p": p_values(significance(families, means)),
    }


def _rows(found: Analysis, method: str) -> list[Line]:
    return [each for each in found.defined if each.method == method]


def _excess(found: Analysis, averages: tuple[Array, Array], rival: str) -> Array:
    """Returns FRISM's reasoning beyond the rival's curve, [leading, rows of FRISM]."""
    reasoning, perception = averages
    test = found.test
    # a row runs over what it is grouped by, whatever validation chose beside it
    chosen = {Candidate(rival, each.row): each.candidate for each in _rows(found, rival)}
    lines = [[test.place(chosen.get(each, each)) for each in curve] for curve in curves([*chosen])]
    columns = []
    for each in _rows(found, FRISM):
        place = test.place(each.candidate)
        at = perception[:, place]
        best = [attained(perception[:, line], reasoning[:, line], at) for line in lines]
        columns.append(reasoning[:, place] - np.max(best, axis=0))
    return np.stack(columns, axis=1)


def _families(scores: SplitScores) -> tuple[Array, Array]:
    return scores.by_family(REASONING), scores.by_family(PERCEPTION)


def _family_mean(scores: SplitScores) -> tuple[Array, Array]:
    reasoning, perception = _families(scores)
    return reasoning.mean(axis=0)[None], perception.mean(axis=0)[None]


def _resampled(scores: SplitScores) -> tuple[Array, Array]:
    return scores.by_resample(REASONING), scores.by_resample(PERCEPTION)
