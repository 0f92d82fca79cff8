"""From hits to averages, differences and the verdict on the claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from frism.errors import DataError
from frism.evaluation.records import Record, write_record
from frism.results.analysis import Analysis, Settings, analyse
from frism.results.candidates import Candidate
from frism.results.claim import FAILS, HOLDS, INTERVALS, PARTLY, UNTESTED
from frism.results.frame import questions_frame, record_frame
from frism.results.hits import hit_table
from frism.results.scores import split_scores
from frism.results.verdict import sentences
from tests.result_records import FRISM, HITS, TASK_ARITHMETIC, records

SETTINGS = Settings(perception_tolerance=1.0, confidence=0.95, resamples=200, seed=0)
VLM = Candidate("vlm")


def frame_of(kept: Iterable[Record]) -> pd.DataFrame:
    return pd.concat([record_frame(record) for record in kept], ignore_index=True)


def analysed(hits: dict[Candidate, tuple[int, int]]) -> Analysis:
    return analyse(frame_of(records(hits)), "pico", SETTINGS, {})


def test_hits_are_aligned_by_question() -> None:
    frame = frame_of(records()).sample(frac=1, random_state=0)
    table = hit_table(frame, "pico", "test", ("reasoning", "perception"))
    assert table.benchmarks == ("Solve", "Sum", "Count", "Read")
    assert table.candidates[:2] == (VLM, Candidate("lrm"))
    column = table.candidates.index(FRISM)
    # indices are text, so they are ordered as text
    order = sorted(range(40), key=str)
    assert table.hits[0][0][:, column].tolist() == [float(index < 24) for index in order]


def test_group_average_is_the_mean_of_benchmark_means() -> None:
    found = analysed(HITS).test
    assert found.average("reasoning", FRISM).value == pytest.approx(60.0)
    assert found.average("perception", Candidate("lrm")).value == pytest.approx(5.0)
    assert found.by_family("reasoning").shape == (3, len(HITS))


def test_difference_of_a_method_to_itself_is_zero() -> None:
    found = analysed(HITS).test
    assert found.difference("reasoning", FRISM, FRISM) == (0.0, 0.0, 0.0)


def test_paired_difference_is_narrower_than_the_intervals() -> None:
    found = analysed(HITS).test
    paired = found.difference("reasoning", FRISM, TASK_ARITHMETIC)
    assert paired.value == pytest.approx(30.0)
    assert 0 < paired.low < 30 < paired.high
    one, other = (found.average("reasoning", each) for each in (FRISM, TASK_ARITHMETIC))
    unpaired = np.hypot(one.high - one.low, other.high - other.low)
    assert paired.high - paired.low < unpaired


def test_the_claim_holds_on_records_where_it_does() -> None:
    claim = analysed(HITS).claim
    assert claim["verdict"] == HOLDS
    assert claim["best_layer_level"] == "matrix_gates"
    best = claim["against_best_layer_level"]
    assert (best["parameters"], best["candidates"]) == ("alpha=0.1,lambda_lrm=1", 2)
    assert best["difference"]["value"] == pytest.approx(25.0)
    assert best["t_interval"] == {"value": 25.0, "low": 25.0, "high": 25.0}
    assert best["per_family"] == {"1": 25.0, "2": 25.0, "3": 25.0}
    assert claim["against_best_layer_level_on_test"]["difference"]["value"] == pytest.approx(25.0)


def test_equal_perception_interpolates_the_rivals_curve() -> None:
    curve = analysed(HITS).claim["equal_perception"]["task_arithmetic"]
    # at 40/40 of perception: lambda 0.5; at 36/40: half-way to lambda 1
    assert [each["difference"]["value"] for each in curve["points"]] == pytest.approx([30.0, 32.5])
    assert curve["mean_difference"]["value"] == pytest.approx(31.25)
    assert curve["mean_per_family"] == {"1": 31.25, "2": 31.25, "3": 31.25}


def test_the_claim_fails_where_frism_is_no_better() -> None:
    claim = analysed({**HITS, FRISM: (12, 40)}).claim
    assert claim["verdict"] == FAILS
    assert sentences(claim, {})[0].startswith("The claim does not hold: on test FRISM")


def test_the_claim_holds_in_part_where_one_gate_per_matrix_ties() -> None:
    """Task arithmetic is the best layer-level method and loses; one gate per matrix ties."""
    matrix = Candidate("matrix_gates", "alpha=0.1,lambda_lrm=1")
    hits = {**HITS, matrix: (24, 30), TASK_ARITHMETIC: (20, 40)}
    claim = analysed(hits).claim
    assert claim["best_layer_level"] == "task_arithmetic"
    assert claim["layer_level"]["matrix_gates"]["constraint_met"] is False
    assert claim["verdict"] == PARTLY
    assert any("No candidate of matrix_gates kept" in each for each in sentences(claim, {}))


def uneven() -> list[Record]:
    """FRISM wins in every family, in one of them by far: Student's interval includes zero."""
    ours = {1: (40, 39), 2: (16, 39), 3: (18, 39)}
    kept = [record for record in records() if Candidate(record.method) != Candidate("frism")]
    for family, hits in ours.items():
        kept += [each for each in records({FRISM: hits}) if each.family == family]
    return kept


def test_the_claim_holds_in_part_where_families_disagree() -> None:
    loose = replace(SETTINGS, perception_tolerance=5.0)
    claim = analyse(frame_of(uneven()), "pico", loose, {}).claim
    best = claim["against_best_layer_level"]
    assert best["per_family"] == {"1": 65.0, "2": 5.0, "3": 10.0}
    assert best["difference"]["low"] > 0 > best["t_interval"]["low"]
    assert claim["verdict"] == PARTLY


def test_the_first_sentence_has_both_intervals_and_the_perception_lost() -> None:
    loose = replace(SETTINGS, perception_tolerance=5.0)
    claim = analyse(frame_of(uneven()), "pico", loose, {}).claim
    first, *rest = sentences(claim, {})
    best = claim["against_best_layer_level"]
    assert first.startswith("The claim holds in part: on test FRISM reasons 26.7 points more, [")
    for name in INTERVALS:
        assert f"[{best[name]['low']:+.1f}, {best[name]['high']:+.1f}]" in first
    assert "changes the VLM's perception by -2.5 [" in first
    assert any("Student's interval over families includes zero" in each for each in rest)


def test_the_claim_holds_in_part_without_one_gate_per_matrix() -> None:
    hits = {each: value for each, value in HITS.items() if each.method != "matrix_gates"}
    claim = analysed(hits).claim
    assert claim["against_best_layer_level"]["t_interval"]["low"] > 0
    assert claim["verdict"] == PARTLY


def test_the_verdict_says_whether_methods_had_the_same_number_of_candidates() -> None:
    equal = "task_arithmetic 2; the same number for every method."
    assert any(equal in each for each in sentences(analysed(HITS).claim, {}))
    fewer = {each: hits for each, hits in HITS.items() if each.parameters != "lambda=1"}
    unequal = "task_arithmetic 1; not the same number for every method."
    assert any(unequal in each for each in sentences(analysed(fewer).claim, {}))


def test_the_claim_is_not_tested_without_a_layer_level_method() -> None:
    hits = {each: value for each, value in HITS.items() if each.method in ("vlm", "frism")}
    claim = analysed(hits).claim
    assert claim["verdict"] == UNTESTED


def test_two_families_are_too_few() -> None:
    kept = (record for record in records() if record.family != 3)
    claim = analyse(frame_of(kept), "pico", SETTINGS, {}).claim
    assert claim["verdict"] == FAILS
    assert any("at least 3 families; found 2" in each for each in sentences(claim, {}))


def test_a_missing_record_names_method_family_and_benchmark() -> None:
    def there(record: Record) -> bool:
        return (record.method, record.family, record.benchmark) != ("lrm", 2, "Sum")

    expected = "family 2, Sum, validation: lrm has answers to 0 of the 40"
    with pytest.raises(DataError, match=expected):
        analyse(frame_of(filter(there, records())), "pico", SETTINGS, {})


def test_a_missing_question_is_an_error() -> None:
    frame = frame_of(records())
    lost = (frame["method"] == "vlm") & (frame["family"] == 1) & (frame["index"] == "7")
    with pytest.raises(DataError, match=r"family 1, .*: vlm has answers to 39 of the 40 questions"):
        hit_table(frame[~lost], "pico", "test", ("reasoning",))


def test_the_vlm_must_be_there() -> None:
    kept = (record for record in records() if record.method != "vlm")
    with pytest.raises(DataError, match="found no record of vlm on validation"):
        analyse(frame_of(kept), "pico", SETTINGS, {})


def test_a_candidate_must_be_on_both_splits() -> None:
    kept = (r for r in records() if (r.method, r.split) != ("frism", "test"))
    with pytest.raises(DataError, match=r"found no record of frism \(alpha=0.1,lambda_lrm=1\)"):
        analyse(frame_of(kept), "pico", SETTINGS, {})


def test_two_records_of_one_evaluation_are_an_error(tmp_path: Path) -> None:
    record = next(records())
    write_record(record, tmp_path)
    write_record(record.model_copy(update={"weights": "f" * 64}), tmp_path)
    expected = "two records of pico/1/vlm/none/Solve/reasoning/validation"
    with pytest.raises(DataError, match=expected):
        questions_frame([tmp_path])


def test_bootstrap_seed_decides_the_interval() -> None:
    table = hit_table(frame_of(records()), "pico", "test", ("reasoning",))
    one, same, other = (split_scores(table, 0.95, 100, seed) for seed in (0, 0, 1))
    assert one.average("reasoning", FRISM) == same.average("reasoning", FRISM)
    assert one.average("reasoning", FRISM) != other.average("reasoning", FRISM)


def test_a_question_that_stands_twice_is_an_error() -> None:
    record = next(records())
    twice = record.model_copy(update={"questions": record.questions * 2})
    with pytest.raises(DataError, match="found a question twice"):
        record_frame(twice)


def test_a_directory_without_records_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no record found"):
        questions_frame([tmp_path])
