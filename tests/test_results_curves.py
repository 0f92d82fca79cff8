"""FRISM against whole curves of other methods, at equal perception."""

from __future__ import annotations

import pytest

from frism.results.analysis import Analysis
from frism.results.candidates import Candidate
from frism.results.equal_perception import equal_perception, has_curves
from frism.results.notes import curve_notes
from tests.result_records import HITS
from tests.result_sweeps import analysed

BY = ("alpha", "lambda")


def swept() -> Analysis:
    return analysed(by=BY, experiment="tradeoff")


def test_every_coefficient_is_a_row_with_test_scores() -> None:
    found = swept()
    assert [each.key for each in found.defined][:2] == [
        "task_arithmetic (lambda=0.5)",
        "task_arithmetic (lambda=1)",
    ]
    assert has_curves(found)
    assert not has_curves(analysed())


def test_equal_perception_interpolates_the_rivals_curve() -> None:
    curve = equal_perception(swept())["task_arithmetic"]
    # at 40/40 of perception: lambda 0.5; at 36/40: half-way to lambda 1
    assert [each["row"] for each in curve["points"]] == ["alpha=0.1", "alpha=1"]
    assert [each["difference"]["value"] for each in curve["points"]] == pytest.approx([30.0, 32.5])
    assert curve["difference"]["value"] == pytest.approx(31.25)
    assert curve["per_family"] == {"1": 31.25, "2": 31.25, "3": 31.25}
    assert curve["p"] == {"t": 0.0, "bootstrap": 0.00995, "holm": 0.0199}


def test_a_curve_runs_over_rows_whatever_was_chosen_beside_them() -> None:
    """Two candidates in one row of the rival: the chosen one's other parameter starts no curve."""
    hits = {
        **{each: value for each, value in HITS.items() if each.method in ("vlm", "frism")},
        Candidate("ties", "density=0.2+lambda=0.5"): (12, 40),
        Candidate("ties", "density=0.5+lambda=0.5"): (11, 40),
        Candidate("ties", "density=0.2+lambda=1"): (30, 31),
        Candidate("ties", "density=0.5+lambda=1"): (30, 32),
    }
    found = analysed(hits, by=BY, experiment="tradeoff")
    assert [each.parameters for each in found.defined if each.method == "ties"] == [
        "density=0.2+lambda=0.5",
        "density=0.5+lambda=1",
    ]
    (curve,) = equal_perception(found).values()
    assert curve["difference"]["value"] == pytest.approx(31.25)


def test_curves_are_told_in_words() -> None:
    start, *said = curve_notes(equal_perception(swept()), {"ties": "TIES"})
    assert start.startswith("For each of FRISM's rows: its reasoning minus the most")
    assert said[0].startswith(
        "Over the whole curve FRISM is better than task_arithmetic at equal perception: "
        "+31.2 points, ["
    )
    assert said[0].endswith("p = 0.020 after Holm's correction over 2 curves.")
