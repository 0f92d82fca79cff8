"""sweep.json: what is read, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from frism.errors import DataError
from frism.methods.registry import method
from frism.results.candidates import Candidate
from frism.results.lines import Line, best_on_validation, lines_of
from frism.results.sweep_table import sweep_table
from frism.results.sweeps import read_sweep, read_sweeps
from tests.result_records import HITS
from tests.result_sweeps import sweep_of, sweeps_of, undefined, write_experiment

REASON = str(method("tsv_m").undefined(()))


def changed(tmp_path: Path, **changes: Any) -> Path:
    """Writes FRISM's sweep with other content and returns its folder."""
    content = sweep_of("frism").model_dump(mode="json", by_alias=True) | changes
    (tmp_path / "sweep.json").write_text(json.dumps(content))
    return tmp_path


def test_a_sweep_is_read_as_it_was_written(tmp_path: Path) -> None:
    sweeps = [*sweeps_of(), undefined("tsv_m", REASON)]
    folders, _ = write_experiment(tmp_path, sweeps)
    assert read_sweeps(folders) == sweeps


def test_lines_stand_in_the_order_of_the_sweeps() -> None:
    found = lines_of([undefined("tsv_m", REASON), *sweeps_of()])
    assert [each.key for each in found] == ["tsv_m", "task_arithmetic", "matrix_gates", "frism"]
    assert found[0] == Line("tsv_m", undefined=REASON)
    ours = Line("frism", "none", "alpha=0.1+lambda_lrm=1", 2, True, 60.0)
    assert found[3] == ours


def test_rows_are_lines_of_their_own() -> None:
    found = lines_of([sweep_of("frism", by=["alpha"])])
    assert [each.key for each in found] == ["frism (alpha=0.1)", "frism (alpha=1)"]
    assert [each.constraint_met for each in found] == [True, False]


def test_best_on_validation_kept_perception_before_it_reasons() -> None:
    lines = [
        Line("a", constraint_met=False, validation=90.0),
        Line("b", constraint_met=True, validation=30.0),
        Line("c", constraint_met=True, validation=30.0),
    ]
    assert best_on_validation(lines).method == "b"


def test_sweep_table_has_every_candidate_with_its_marks() -> None:
    table = sweep_table([*sweeps_of(), undefined("tsv_m", REASON)], tolerance=1.0)
    assert len(table) == len([each for each in HITS if each.method not in ("vlm", "lrm")])
    assert list(table.loc[table["chosen"], "method"]) == [
        "task_arithmetic",
        "matrix_gates",
        "frism",
    ]
    assert list(table["within_tolerance"]) == [True, False] * 3
    last = table.iloc[-1]
    assert (last["validation_reasoning"], last["validation_perception"]) == (85.0, 90.0)
    assert (last["validation_reasoning_delta"], last["validation_perception_delta"]) == (
        65.0,
        -10.0,
    )
    assert (last["validation_Solve"], last["validation_Read"], last["candidates"]) == (
        85.0,
        90.0,
        2,
    )
    assert last["change"] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": []}, "neither a row nor why the method is undefined"),
        ({"undefined": "why"}, "candidates of a method that is said to be undefined"),
        ({"families": [1, 2]}, r"lists of \[3\] for 2 families"),
        ({"schema": 9}, "schema: input should be 1"),
        ({"colour": "red"}, "colour: extra inputs are not permitted"),
    ],
)
def test_a_sweep_that_contradicts_itself_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_sweep(changed(tmp_path, **changes))


def test_a_choice_that_is_no_candidate_is_refused(tmp_path: Path) -> None:
    rows = sweep_of("frism").model_dump(mode="json")["rows"]
    rows[0]["chosen"] = "alpha=7"
    with pytest.raises(DataError, match="row none: the chosen alpha=7 is none of its candidates"):
        read_sweep(changed(tmp_path, rows=rows))


def test_a_missing_sweep_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"sweep\.json: No such file.*frism sweep"):
        read_sweep(tmp_path)


def test_sweeps_of_two_experiments_are_refused(tmp_path: Path) -> None:
    one, _ = write_experiment(tmp_path / "one", [sweep_of("frism")])
    two, _ = write_experiment(tmp_path / "two", [sweep_of("matrix_gates", experiment="alpha")])
    with pytest.raises(DataError, match=r"found pico, alpha, .*; pico, main"):
        read_sweeps([*one, *two])
    with pytest.raises(DataError, match="found frism, frism; expected each method once"):
        read_sweeps([*one, *one])


def test_candidates_sort_numbers_as_numbers_and_words_after_them() -> None:
    slugs = ["a=word", "a=10", "a=9+b=1", "a=9"]
    ordered = sorted((Candidate("m", slug) for slug in slugs), key=lambda each: each.rank)
    assert [each.parameters for each in ordered] == ["a=9", "a=9+b=1", "a=10", "a=word"]
