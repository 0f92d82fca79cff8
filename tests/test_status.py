"""`frism status` on real runs: finished, failed, killed, under way and in SLURM's queue."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frism.cli.main import main
from frism.status.marks import begun_jobs
from tests.pico import Pico
from tests.workspace import Death, Workspace

CONFIG: dict[str, Any] = {
    "name": "tiny",
    "pairs": ["pair"],
    "merges": {"task_arithmetic": {"lambda": [0.5, 0.7]}, "star": {}},
    "subspaces": {"rank": 4},
}
DEATH = Death("svd --threads 1", "os.rename", r"/\.part-1-of-2\.partial/model\..*$")
PART = "results/tiny/pair/seed-0/subspaces/part-1-of-2"
LOG = "results/tiny/logs/pair/svd_lrm-1-of-2.log"


@pytest.fixture(scope="module")
def failed(pico: Pico, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A run one job of which failed, and what it said."""
    pair = {role: str(getattr(pico, role)) for role in ("base", "lrm", "vlm")} | {"svd_parts": 2}
    folder = tmp_path_factory.mktemp("status") / "run"
    workspace = Workspace.make(folder, CONFIG, {"pair": pair})
    done = workspace.snakemake("--cores", "1", deaths=[DEATH])
    assert done.returncode == 1, done.stdout
    return workspace, done.stdout


@pytest.fixture
def run(failed: tuple[Workspace, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = failed[0].copy(tmp_path / "run").folder
    monkeypatch.chdir(copy)
    return copy


def status(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["status", *words]) == 0
    return capsys.readouterr().out


def row(text: str, *begin: str) -> dict[str, str]:
    """Returns the cells of a row by the heads of their columns."""
    lines = [line.split() for line in text.splitlines()]
    head = next(line for line in lines if line[:2] == ["step", "of"])
    found = next(line for line in lines if line[: len(begin)] == list(begin))
    return dict(zip(head, found, strict=True))


def mark(run: Path, output: str, slurm: str | None = None) -> None:
    """Leaves Snakemake's mark of a job that was begun, as Snakemake writes it."""
    folder = run / ".snakemake" / "incomplete"
    folder.mkdir(exist_ok=True)
    name = urlsafe_b64encode(output.encode()).decode()
    (folder / name).write_text(json.dumps({"external_jobid": slurm}))


def answer_of_squeue(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "squeue").write_text(f"#!/bin/sh\ncat <<END\n{text}\nEND\n")
    (folder / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def snakemake_at_work(run: Path) -> Iterator[None]:
    """A process of Snakemake's name that works in the run's folder."""
    words = [sys.executable, "-c", "import time; time.sleep(600)", "snakemake"]
    with subprocess.Popen(words, cwd=run) as process:
        yield
        process.kill()


@pytest.mark.usefixtures("run")
def test_each_method_has_its_counts_and_times(capsys: pytest.CaptureFixture[str]) -> None:
    text = status(capsys)
    assert text.startswith("9 jobs: 3 done, 1 failed, 5 missing; 0:")
    merges = row(text, "merge", "task_arithmetic")
    assert (merges["done"], merges["missing"]) == ("2", "-")
    assert merges["time"].startswith("0:00:")
    assert row(text, "merge", "star")["missing"] == "5"
    svd = row(text, "svd", "lrm")
    assert (svd["done"], svd["failed"], svd["missing"]) == ("1", "1", "-")


def test_the_console_ends_with_the_failures(failed: tuple[Workspace, str]) -> None:
    end = failed[1].rpartition("failed: ")[2]
    assert end.startswith(f"svd lrm part-1-of-2 (pair)\n  log: {LOG}\n  | ")
    assert "frism status" in end


def test_a_failed_job_has_the_end_of_its_log_and_its_slurm_job(
    run: Path, failed: tuple[Workspace, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (run / LOG).write_text("".join(f"line {n}\n" for n in range(40)) + "frism: no space left\n")
    # what SLURM catches is what the Snakemake inside the job says
    for number, words in (("41", "of an earlier try"), ("42", "slurmstepd: error: oom_kill")):
        caught = run / ".snakemake" / "slurm_logs" / "rule_svd_lrm_pair" / "part" / f"{number}.log"
        caught.parent.mkdir(parents=True, exist_ok=True)
        caught.write_text(f"{failed[1]}\n{words}\n")
        os.utime(caught, ns=(caught.stat().st_atime_ns, caught.stat().st_mtime_ns + int(number)))
    text = status(capsys)
    end = text.rpartition("failed: ")[2].splitlines()
    assert end[1] == f"  log: {LOG}"
    assert "  | frism: no space left" in end
    assert "  | line 28" not in end
    assert any(line.startswith("  SLURM job 42, log: .snakemake/slurm_logs/") for line in end)
    assert "  | slurmstepd: error: oom_kill" in end


def test_results_that_were_removed_are_missing_and_did_not_fail(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(run / "results/tiny/pair/seed-0/merged/task_arithmetic/lambda=0.5")
    merges = row(status(capsys), "merge", "task_arithmetic")
    assert (merges["done"], merges["failed"], merges["missing"]) == ("1", "-", "1")


def test_a_killed_job_was_interrupted_unless_snakemake_works_there(
    run: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    mark(run, PART)
    assert row(status(capsys), "svd", "lrm")["interrupted"] == "1"
    request.getfixturevalue("snakemake_at_work")
    text = status(capsys)
    assert row(text, "svd", "lrm")["running"] == "1"
    assert "interrupted" not in text


def test_the_queue_tells_of_jobs_that_outlived_snakemake(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(run, PART, "77_2")
    states = {"77_2|RUNNING": "running", "77_2|PENDING": "waiting", "9|RUNNING": "interrupted"}
    for told, state in states.items():
        answer_of_squeue(tmp_path / "bin", monkeypatch, told)
        text = status(capsys)
        assert row(text, "svd", "lrm")[state] == "1"
        (line,) = [line for line in text.splitlines() if line.startswith(state + " ")]
        assert line.split()[:7] == [state, "pair", "svd", "lrm", "part-1-of-2", "77_2", "0:00:00"]


def test_a_job_that_started_has_the_id_of_its_log(
    run: Path,
    failed: tuple[Workspace, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # the Snakemake inside a job of SLURM marks it once more, as a job of its own
    mark(run, PART)
    caught = run / ".snakemake" / "slurm_logs" / "rule_svd_lrm_pair" / "1" / "42.log"
    caught.parent.mkdir(parents=True)
    caught.write_text(failed[1])
    answer_of_squeue(tmp_path / "bin", monkeypatch, "42|RUNNING")
    (line,) = [line for line in status(capsys).splitlines() if line.startswith("running ")]
    assert line.split()[5] == "42"


def test_long_names_of_marks_are_read(tmp_path: Path) -> None:
    # Snakemake cuts names longer than 255 characters into folders
    output = "results/" + "x" * 300
    name = urlsafe_b64encode(output.encode()).decode()
    folder = tmp_path / "incomplete" / f"@{name[:254]}"
    folder.mkdir(parents=True)
    (folder / name[254:]).write_text('{"external_jobid": null}')
    assert [*begun_jobs(tmp_path)] == [output]


@pytest.mark.usefixtures("run")
def test_nothing_is_written_and_nothing_heavy_imported() -> None:
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*")}
    code = (
        "import sys; from frism.cli.main import main; assert main(['status']) == 0;"
        "print([m for m in ('torch', 'pandas', 'transformers', 'snakemake') if m in sys.modules])"
    )
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert told.stdout.splitlines()[-1] == "[]"
    assert {path: path.stat().st_mtime_ns for path in Path().rglob("*")} == before
