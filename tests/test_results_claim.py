"""The verdict on the claim: what it rests on, what weakens it, and how it is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from frism.evaluation.records import Record
from frism.methods.registry import method
from frism.results.analysis import Analysis, analyse
from frism.results.candidates import Candidate
from frism.results.claim import FAILS, HOLDS, PARTLY, UNTESTED, claim
from frism.results.comparison import INTERVALS, outcome
from frism.results.verdict import sentences
from tests.result_records import FRISM, GROUPS, HITS, MATRIX_GATES, QUESTIONS, make_record
from tests.result_sweeps import SETTINGS, analysed, chosen_records, frame_of, sweeps_of, undefined

RANDOM, MEAN = Candidate("frism_random", "alpha=1"), Candidate("frism_mean", "alpha=1")
CLOSED = Candidate("frism_closed_form", "alpha=1")
STAR = Candidate("star", "lambda=0.4")
NAMES = {"frism_random": "Random directions", "star": "STAR", "matrix_gates": "One gate per matrix"}


def uneven() -> Analysis:
    """FRISM wins in every family, in one of them by far: Student's interval includes zero."""
    sweeps = sweeps_of()
    records = [each for each in chosen_records(sweeps) if each.method != "frism"]
    for family, right in {1: 40, 2: 16, 3: 18}.items():
        records += [record(family, name, right) for name in GROUPS]
    return analyse(frame_of(records), sweeps, replace(SETTINGS, perception_tolerance=5.0))


def record(family: int, benchmark: str, right: int) -> Record:
    right = right if GROUPS[benchmark] == "reasoning" else 39
    answers = (np.arange(QUESTIONS) < right).astype(float)
    return make_record(FRISM, family, benchmark, "test", answers)


def test_the_claim_holds_on_records_where_it_does() -> None:
    facts = claim(analysed())
    assert facts["verdict"] == HOLDS
    assert facts["best_layer_level"] == facts["best_other"] == "matrix_gates"
    best = facts["against_best_layer_level"]
    assert (best["parameters"], best["candidates"]) == ("alpha=0.1+lambda_lrm=1", 2)
    assert best["difference"]["value"] == pytest.approx(25.0)
    assert best["t_interval"] == {"value": 25.0, "low": 25.0, "high": 25.0}
    assert best["per_family"] == {"1": 25.0, "2": 25.0, "3": 25.0}
    # two comparisons: the smallest p of 200 resamples, doubled
    assert best["p"] == {"t": 0.0, "bootstrap": 0.00995, "holm": 0.0199}
    assert facts["against_best_layer_level_on_test"] == best


def test_the_best_other_method_may_be_finer_than_a_matrix() -> None:
    facts = claim(analysed({**HITS, STAR: (20, 40)}))
    assert (facts["best_layer_level"], facts["best_other"]) == ("matrix_gates", "star")
    assert facts["against_best_other"]["difference"]["value"] == pytest.approx(10.0)
    said = sentences(facts, NAMES)
    start = "FRISM is better than the best of all other methods by validation, STAR (lambda=0.4):"
    assert any(each.startswith(f"{start} +10.0 points") for each in said)


def test_the_claim_fails_where_frism_is_no_better() -> None:
    facts = claim(analysed({**HITS, FRISM: (12, 40)}))
    assert facts["verdict"] == FAILS
    first = sentences(facts, {})[0]
    assert first.startswith("The claim does not hold: on test FRISM's reasoning is worse than that")


def test_equality_is_not_called_better_or_worse() -> None:
    facts = claim(analysed({**HITS, FRISM: (14, 40)}))
    assert outcome(facts["against_best_layer_level"]) == "not different"
    assert "is not shown to differ from that of the best layer-level" in sentences(facts, {})[0]


def test_the_claim_holds_in_part_where_one_gate_per_matrix_ties() -> None:
    """Task arithmetic is the best layer-level method and loses; one gate per matrix ties."""
    task_arithmetic = Candidate("task_arithmetic", "lambda=0.5")
    other = Candidate("matrix_gates", "alpha=1+lambda_lrm=1")
    hits = {**HITS, MATRIX_GATES: (24, 30), other: (24, 29), task_arithmetic: (20, 40)}
    facts = claim(analysed(hits))
    assert facts["best_layer_level"] == "task_arithmetic"
    assert facts["others"]["matrix_gates"]["constraint_met"] is False
    assert facts["verdict"] == PARTLY
    said = sentences(facts, NAMES)
    assert said[0].startswith("The claim holds in part, against the best layer-level merge alone:")
    assert any("No candidate of One gate per matrix kept" in each for each in said)


def test_the_claim_holds_in_part_where_another_layer_level_method_ties() -> None:
    """Task arithmetic is the best layer-level method and ties; one gate per matrix loses."""
    task_arithmetic = Candidate("task_arithmetic", "lambda=0.5")
    facts = claim(analysed({**HITS, task_arithmetic: (24, 40)}))
    assert facts["best_layer_level"] == "task_arithmetic"
    assert facts["verdict"] == PARTLY
    assert sentences(facts, {})[0].startswith(
        "The claim holds in part, against one learned gate per matrix alone: on test"
    )


def test_the_claim_fails_where_families_disagree() -> None:
    facts = claim(uneven())
    best = facts["against_best_layer_level"]
    assert best["per_family"] == {"1": 65.0, "2": 5.0, "3": 10.0}
    assert best["difference"]["low"] > 0 > best["t_interval"]["low"]
    assert facts["verdict"] == FAILS
    # the t-test over families is the larger p
    assert best["p"]["holm"] >= best["p"]["t"] > 0.2 > best["p"]["bootstrap"]


def test_the_first_sentence_has_both_intervals_the_p_value_and_the_perception_lost() -> None:
    facts = claim(uneven())
    first, *rest = sentences(facts, NAMES)
    best = facts["against_best_layer_level"]
    assert first.startswith("The claim does not hold: on test FRISM's reasoning is not shown to")
    assert "+26.7 points, [" in first
    for name in INTERVALS:
        assert f"[{best[name]['low']:+.1f}, {best[name]['high']:+.1f}]" in first
    assert f"p = {best['p']['holm']:.3f} after Holm's correction" in first
    assert "changes the VLM's perception by -2.5 [" in first
    assert any(each.startswith("Student's interval over families includes zero") for each in rest)
    assert any(each.startswith("Corrected for 2 comparisons the difference to") for each in rest)


def test_the_claim_holds_in_part_without_one_gate_per_matrix() -> None:
    hits = {each: value for each, value in HITS.items() if each.method != "matrix_gates"}
    facts = claim(analysed(hits))
    assert facts["against_best_layer_level"]["t_interval"]["low"] > 0
    assert facts["verdict"] == PARTLY


def test_a_control_that_does_as_well_is_a_finding() -> None:
    facts = claim(analysed({**HITS, RANDOM: (24, 40), MEAN: (10, 40)}))
    assert {slug: each["as_well"] for slug, each in facts["controls"].items()} == {
        "frism_random": True,
        "frism_mean": False,
    }
    said = sentences(facts, NAMES)
    assert (
        "Control: Random directions (alpha=1) does as well as FRISM, which speaks against the "
        "method; FRISM's reasoning minus its: +0.0 [+0.0, +0.0] points."
    ) in said
    assert any("frism_mean (alpha=1) does not do as well as FRISM;" in each for each in said)


def test_a_control_does_as_well_unless_both_intervals_tell_it_apart() -> None:
    found = uneven()
    facts = claim(replace(found, settings=replace(found.settings, controls=("task_arithmetic",))))
    control = facts["controls"]["task_arithmetic"]
    assert control["difference"]["low"] > 0 > control["t_interval"]["low"]
    assert (outcome(control), control["as_well"]) == ("not different", True)


def test_closed_form_gates_are_compared_with_learned_ones() -> None:
    said = sentences(claim(analysed({**HITS, CLOSED: (24, 39)})), NAMES)
    (found,) = [each for each in said if "closed form" in each]
    assert found.startswith("FRISM with learned gates is not shown to differ from gates in closed")
    assert "(alpha=1): +0.0 points" in found
    assert "Closed-form gates change perception by -2.5 [" in found


def test_an_undefined_method_is_told_with_its_reason() -> None:
    reason = str(method("tsv_m").undefined(()))
    facts = claim(analysed(others=[undefined("tsv_m", reason)]))
    assert facts["undefined"] == {"tsv_m": reason}
    said = "tsv_m is not defined for this pair: it needs the language model that the VLM was"
    assert any(each.startswith(said) for each in sentences(facts, NAMES))


def test_the_verdict_says_whether_methods_had_the_same_number_of_candidates() -> None:
    equal = "Candidates per method: 2 for each, the same budget for all."
    assert any(equal in each for each in sentences(claim(analysed()), {}))
    fewer = {each: hits for each, hits in HITS.items() if each.parameters != "lambda=1"}
    unequal = "1 for task_arithmetic; 2 for matrix_gates and frism: not the same budget."
    assert any(unequal in each for each in sentences(claim(analysed(fewer)), {}))


def test_shares_of_chains_are_told_of_those_that_matter() -> None:
    said = sentences(claim(analysed({**HITS, STAR: (10, 40)})), NAMES)[-1]
    assert said == (
        "Share of reasoning answers with a chain / cut off at the limit: vlm 25 % / 0.0 %, "
        "lrm 25 % / 0.0 %, frism 25 % / 0.0 %, One gate per matrix 25 % / 0.0 %; no line of the "
        "table had more than 0.0 % cut off."
    )


def test_the_claim_is_not_tested_without_a_layer_level_method() -> None:
    hits = {each: value for each, value in HITS.items() if each.method in ("vlm", "frism")}
    facts = claim(analysed(hits))
    assert facts["verdict"] == UNTESTED
    assert sentences(facts, {}) == [
        "The claim was not tested: it needs frism and a layer-level method."
    ]


def test_two_families_are_too_few() -> None:
    sweeps = [each.model_copy(update={"families": (1, 2)}) for each in sweeps_of()]
    two = [
        sweep.model_copy(
            update={
                "candidates": tuple(
                    each.model_copy(update={"weights": each.weights[:2]})
                    for each in sweep.candidates
                )
            }
        )
        for sweep in sweeps
    ]
    kept = (record for record in chosen_records(sweeps) if record.family != 3)
    facts = claim(analyse(frame_of(kept), two, SETTINGS))
    assert facts["verdict"] == FAILS
    assert any("at least 3 families; found 2" in each for each in sentences(facts, {}))
