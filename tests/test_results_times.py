"""Where the time went: of methods by stage, of jobs by kind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch

from frism.checkpoints.tensors import write_tensors
from frism.cli.main import main
from frism.errors import DataError
from frism.methods.registry import method
from frism.results.candidates import Candidate
from frism.results.jobs import jobs_note, jobs_table
from frism.results.times import closed_form, curvature_seconds, times_notes, times_table
from tests.result_records import HITS
from tests.result_sweeps import sweeps_of, undefined

CLOSED = "frism_closed_form"
HEADER = "s\th:m:s\tmax_rss\tcpu_time\n"


def times(curvature: float = 6.0) -> pd.DataFrame:
    """Returns the times of a sweep whose closed-form candidates each tell the pass they share."""
    hits = {**HITS, **{Candidate(CLOSED, f"alpha={each}"): (24, 40) for each in (1, 2)}}
    sweeps = {each.method: each for each in sweeps_of(hits)}
    told = [
        each.seconds.model_copy(update={"gates": (2.0,) * 3}) for each in sweeps[CLOSED].candidates
    ]
    candidates = [
        each.model_copy(update={"seconds": seconds})
        for each, seconds in zip(sweeps[CLOSED].candidates, told, strict=True)
    ]
    sweeps[CLOSED] = sweeps[CLOSED].model_copy(update={"candidates": tuple(candidates)})
    every = [*sweeps.values(), undefined("tsv_m", str(method("tsv_m").undefined(())))]
    return times_table(every, curvature, sharing=[CLOSED])


def test_seconds_are_summed_over_candidates_and_families() -> None:
    table = times().set_index("method")
    assert list(table.index) == ["task_arithmetic", "matrix_gates", "frism", CLOSED]
    # 2 candidates of 3 families: 20 s of gates, 0.5 s of merging, 3 s of evaluation each
    stages = table.loc[["frism", CLOSED], ["curvature", "gates", "merge", "evaluate", "total"]]
    assert stages.to_numpy().tolist() == [[0, 120, 3, 18, 141], [6, 0, 3, 18, 27]]
    assert table["build"].tolist() == [0.5, 20.5, 20.5, 2.5]


def test_a_sweep_pays_the_curvature_pass_once_and_a_single_merge_all_of_it() -> None:
    (said,) = closed_form(times())
    assert "2.00 s in closed form, the curvature pass and the formula, against 20.00 s" in said
    assert "10.0 times cheaper. Gates of all candidates and families: 6.00 s" in said
    assert "against 120.00 s: 20.0 times cheaper" in said


def test_closed_form_is_told_only_where_both_are_there() -> None:
    table = times_table(sweeps_of(), 0.0, sharing=[CLOSED])
    assert closed_form(table) == []
    assert "curvature 0, gates 240, merge 9, evaluate 54" in times_notes(table)[0]


def test_a_curvature_pass_that_nobody_timed_is_an_error() -> None:
    with pytest.raises(DataError, match=f"found {CLOSED} and no seconds of the curvature pass"):
        times(curvature=0.0)


def test_curvature_files_tell_their_seconds(tmp_path: Path) -> None:
    for name, metadata in (("a", {"seconds": 1.5}), ("b", {"seconds": 2}), ("c", {})):
        write_tensors(tmp_path / name, {"h": torch.ones(2)}, metadata)
    assert curvature_seconds([tmp_path / "a", tmp_path / "b"]) == 3.5
    assert curvature_seconds([]) == 0.0
    with pytest.raises(DataError, match="found no seconds in its metadata"):
        curvature_seconds([tmp_path / "c"])


def write_logs(root: Path) -> Path:
    jobs = {
        "seed-4/base.tsv": "100\t0:01:40\t9\t90\n",
        "seed-5/base.tsv": "60\t0:01:00\t9\t50\n",
        "gates/frism/alpha=1.tsv": "30\t0:00:30\t9\t-\n",
        "experiments/main/frism.tsv": "8\t0:00:08\t9\t8\n",
        "svd.tsv": "2\t0:00:02\t9\t2\n",
    }
    for name, row in jobs.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(HEADER + row)
    return root


def test_jobs_are_summed_by_kind_the_most_expensive_first(tmp_path: Path) -> None:
    table = jobs_table(write_logs(tmp_path))
    assert list(table["rule"]) == ["base", "gates", "experiments", "svd"]
    assert list(table["seconds"]) == [160.0, 30.0, 8.0, 2.0]
    assert list(table["share"]) == [0.8, 0.15, 0.04, 0.01]
    first = table.iloc[0]
    assert (first["jobs"], first["cpu_seconds"], first["longest"]) == (2, 140.0, 100.0)
    assert jobs_note(table).startswith("5 jobs, 3.3 minutes of jobs one after the other, 2.5 min")


def test_times_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = write_logs(tmp_path / "logs")
    assert main(["times", "--logs", str(logs), "--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "| base | 2 | 160 | 80.0 % | 140 | 100 |" in printed
    assert (tmp_path / "times.md").read_text() == printed
    assert len(pd.read_csv(tmp_path / "times.csv")) == 4


def test_a_run_without_benchmarks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"found no \*\.tsv"):
        jobs_table(tmp_path)
    (tmp_path / "x.tsv").write_text("a\n1\n")
    with pytest.raises(DataError, match="found no column cpu_time"):
        jobs_table(tmp_path)
