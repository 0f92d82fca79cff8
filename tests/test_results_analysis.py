"""From records to scores: questions are aligned, what is missing or stale is named."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from pathlib import Path

import numpy as np
import pytest

from frism.errors import DataError
from frism.evaluation.records import Record, write_record
from frism.results.analysis import Analysis, analyse
from frism.results.candidates import Candidate
from frism.results.frame import questions_frame, record_frame
from frism.results.hits import hit_table
from frism.results.marks import best, mark
from frism.results.scores import split_scores
from frism.results.statistics import Estimate
from tests.result_records import FRISM, HITS, MATRIX_GATES, TASK_ARITHMETIC
from tests.result_sweeps import SETTINGS, analysed, chosen_records, frame_of, sweeps_of

VLM, LRM = Candidate("vlm"), Candidate("lrm")


def analysed_where(kept: Callable[[Record], bool]) -> Analysis:
    sweeps = sweeps_of()
    return analyse(frame_of(filter(kept, chosen_records(sweeps))), sweeps, SETTINGS)


def test_hits_are_aligned_by_question() -> None:
    frame = frame_of(chosen_records(sweeps_of())).sample(frac=1, random_state=0)
    table = hit_table(frame, "pico", "test", ("reasoning", "perception"))
    assert table.benchmarks == ("Solve", "Sum", "Count", "Read")
    assert table.candidates == (VLM, LRM, FRISM, MATRIX_GATES, TASK_ARITHMETIC)
    column = table.candidates.index(FRISM)
    # indices are text, so they are ordered as text
    order = sorted(range(40), key=str)
    assert table.hits[0][0][:, column].tolist() == [float(index < 24) for index in order]


def test_group_average_is_the_mean_of_benchmark_means() -> None:
    found = analysed().test
    assert found.average("reasoning", FRISM).value == pytest.approx(60.0)
    assert found.average("perception", LRM).value == pytest.approx(5.0)
    assert found.by_family("reasoning").shape == (3, 5)


def test_difference_of_a_method_to_itself_is_zero() -> None:
    found = analysed().test
    assert found.difference("reasoning", FRISM, FRISM) == (0.0, 0.0, 0.0)
    assert found.significance("reasoning", FRISM, FRISM) == (1.0, 1.0)


def test_paired_difference_is_narrower_than_the_intervals() -> None:
    found = analysed().test
    paired = found.difference("reasoning", FRISM, TASK_ARITHMETIC)
    assert paired.value == pytest.approx(30.0)
    assert 0 < paired.low < 30 < paired.high
    one, other = (found.average("reasoning", each) for each in (FRISM, TASK_ARITHMETIC))
    unpaired = np.hypot(one.high - one.low, other.high - other.low)
    assert paired.high - paired.low < unpaired


def test_questions_are_counted_by_split_and_benchmark() -> None:
    counts = {"Count": 40, "Read": 40, "Solve": 40, "Sum": 40}
    assert analysed().questions == {"test": counts, "validation": counts}


def test_bootstrap_seed_decides_the_interval() -> None:
    table = analysed().test.table
    one, same, other = (split_scores(table, 0.95, 100, seed) for seed in (0, 0, 1))
    assert one.average("reasoning", FRISM) == same.average("reasoning", FRISM)
    assert one.average("reasoning", FRISM) != other.average("reasoning", FRISM)


def test_a_further_method_moves_no_interval_of_the_others() -> None:
    fewer = {each: hits for each, hits in HITS.items() if each.method != "task_arithmetic"}
    one, other = analysed().test, analysed(fewer).test
    assert one.average("reasoning", FRISM) == other.average("reasoning", FRISM)


def test_ours_is_the_only_row_of_frism() -> None:
    line = analysed().ours
    assert line is not None
    assert line.candidate == FRISM
    assert analysed(by=["alpha"]).ours is None


def test_the_best_kept_perception_on_validation() -> None:
    assert best(analysed()) == FRISM
    broken = analysed(
        {**HITS, FRISM: (36, 20), Candidate("frism", "alpha=1+lambda_lrm=1"): (36, 20)}
    )
    assert best(broken) == MATRIX_GATES


def test_the_vlm_is_the_best_where_no_merge_exceeds_it() -> None:
    assert best(analysed({**HITS, VLM: (39, 40)})) == VLM


@pytest.mark.parametrize(("hits", "expected"), [(24, "tied"), (14, "")])
def test_tied_is_what_the_interval_does_not_tell_from_the_best(hits: int, expected: str) -> None:
    found = analysed({**HITS, MATRIX_GATES: (hits, 40)})
    difference = found.test.difference("reasoning", MATRIX_GATES, FRISM)
    assert mark(MATRIX_GATES, [difference], FRISM) == expected
    assert mark(FRISM, [difference], FRISM) == "best"
    assert mark(LRM, [difference], FRISM) == ""


@pytest.mark.parametrize(
    ("student", "expected"),
    [(Estimate(-9, -19, 1), "tied"), (Estimate(-9, -12, -6), ""), (Estimate(-9, nan, nan), "")],
)
def test_tied_is_what_one_of_two_intervals_does_not_tell(student: Estimate, expected: str) -> None:
    bootstrap = Estimate(-9, -12, -6)
    assert mark(MATRIX_GATES, [bootstrap, student], FRISM) == expected


def test_a_missing_record_names_method_family_and_benchmark() -> None:
    lacks = ("lrm", 2, "Sum", "test")
    expected = "family 2, Sum, test: lrm has answers to 0 of the 40"
    with pytest.raises(DataError, match=expected):
        analysed_where(lambda r: (r.method, r.family, r.benchmark, r.split) != lacks)


def test_a_missing_question_is_an_error() -> None:
    frame = frame_of(chosen_records(sweeps_of()))
    lost = (frame["method"] == "vlm") & (frame["family"] == 1) & (frame["index"] == "7")
    with pytest.raises(DataError, match=r"family 1, .*: vlm has answers to 39 of the 40 questions"):
        hit_table(frame[~lost], "pico", "test", ("reasoning",))


def test_the_vlm_must_be_there() -> None:
    with pytest.raises(DataError, match="found no record of vlm on test"):
        analysed_where(lambda record: record.method != "vlm")


def test_every_chosen_candidate_must_be_there() -> None:
    with pytest.raises(DataError, match=r"found no record of frism \(alpha=0.1\+lambda_lrm=1\)"):
        analysed_where(lambda record: record.method != "frism")


def test_records_of_what_was_not_chosen_are_an_error() -> None:
    records = [*chosen_records(sweeps_of()), *chosen_records(sweeps_of(by=["alpha"]))]
    unique = {record.model_dump_json(): record for record in records}
    expected = r"matrix_gates \(alpha=1\+lambda_lrm=1\), family 1: .* none: it was not chosen"
    with pytest.raises(DataError, match=expected):
        analyse(frame_of(unique.values()), sweeps_of(), SETTINGS)


def test_records_of_other_weights_than_the_chosen_are_an_error() -> None:
    stale = [
        each.model_copy(update={"weights": "f" * 64}) if each.method == "frism" else each
        for each in chosen_records(sweeps_of())
    ]
    with pytest.raises(DataError, match="found a record of the weights ffffffffffffffff, expected"):
        analyse(frame_of(stale), sweeps_of(), SETTINGS)


@pytest.mark.parametrize(("change", "named"), [({"pair": "other"}, "other"), ({"family": 9}, "9")])
def test_records_of_another_pair_or_family_are_an_error(
    change: dict[str, object], named: str
) -> None:
    records = list(chosen_records(sweeps_of()))
    records.append(records[0].model_copy(update=change))
    with pytest.raises(DataError, match=rf"found records of .*{named}.*; the sweeps are of pico"):
        analyse(frame_of(records), sweeps_of(), SETTINGS)


def test_two_records_of_one_evaluation_are_an_error(tmp_path: Path) -> None:
    record = next(chosen_records(sweeps_of()))
    write_record(record, tmp_path)
    write_record(record.model_copy(update={"weights": "f" * 64}), tmp_path)
    expected = "two records of pico/1/vlm/none/Solve/reasoning/validation"
    with pytest.raises(DataError, match=expected):
        questions_frame([tmp_path])


def test_a_question_that_stands_twice_is_an_error() -> None:
    record = next(chosen_records(sweeps_of()))
    twice = record.model_copy(update={"questions": record.questions * 2})
    with pytest.raises(DataError, match="found a question twice"):
        record_frame(twice)


def test_a_directory_without_records_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no record found"):
        questions_frame([tmp_path])
