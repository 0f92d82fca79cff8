"""No two jobs have one GPU, each sees its own, and a dead job keeps none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from frism.cli.main import main
from frism.errors import DeviceError
from frism.scheduling.gpus import LOCKS, VISIBLE, own_gpus, visible_gpus

ROOT = Path(__file__).parents[1]
# takes GPUs, says which, and holds them until its input ends
JOB = """
import os, sys
from frism.scheduling.gpus import own_gpus
with own_gpus(int(sys.argv[1])):
    print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with three GPUs, without a driver and a scheduler."""
    monkeypatch.setenv(LOCKS, str(tmp_path / "locks"))
    monkeypatch.setenv(VISIBLE, "0,1,2")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)


@pytest.fixture
def jobs() -> Iterator[list[subprocess.Popen[str]]]:
    """Jobs that are ended with the test."""
    running: list[subprocess.Popen[str]] = []
    yield running
    for job in running:
        job.kill()
        job.communicate()


def start(jobs: list[subprocess.Popen[str]], count: int) -> subprocess.Popen[str]:
    """Starts a job with GPUs; what it says first is which ones."""
    job = subprocess.Popen(
        [sys.executable, "-c", JOB, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    jobs.append(job)
    return job


def line(stream: object) -> str:
    """Returns the next line of a stream of a job."""
    return str(stream.readline()).strip()  # type: ignore[attr-defined]


def write_driver(folder: Path) -> None:
    """A driver that knows two GPUs."""
    folder.mkdir(exist_ok=True)
    (folder / "nvidia-smi").write_text("#!/bin/sh\necho '0, GPU-a'\necho '1, GPU-b'\n")
    (folder / "nvidia-smi").chmod(0o755)


def test_jobs_beside_each_other_have_different_gpus(jobs: list[subprocess.Popen[str]]) -> None:
    seen = [line(start(jobs, count).stdout) for count in (1, 2)]
    assert seen == ["0", "1,2"]


def test_a_job_waits_for_the_gpus_of_another(jobs: list[subprocess.Popen[str]]) -> None:
    first = start(jobs, 1)
    assert line(first.stdout) == "0"
    assert line(start(jobs, 1).stdout) == "1"
    third = start(jobs, 2)
    assert line(third.stderr) == "waiting for 2 of 3 GPUs"
    first.communicate("")
    assert line(third.stdout) == "0,2"


def test_a_job_that_was_killed_keeps_none(jobs: list[subprocess.Popen[str]]) -> None:
    job = start(jobs, 3)
    assert line(job.stdout) == "0,1,2"
    os.kill(job.pid, signal.SIGKILL)
    job.wait()
    assert line(start(jobs, 3).stdout) == "0,1,2"


def test_files_are_for_all_users_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with own_gpus(1):
            found = {
                path.name: path.stat().st_mode & 0o7777 for path in (tmp_path / "locks").iterdir()
            }
    finally:
        os.umask(before)
    assert found == dict.fromkeys((".turn", "0", "1", "2"), 0o644)
    assert (tmp_path / "locks").stat().st_mode & 0o7777 == 0o1777


def test_more_gpus_than_there_are_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(DeviceError, match=r"found 3 GPUs \(0, 1, 2\), expected at least 4"),
        own_gpus(4),
    ):
        pass
    assert main(["where", "--gpus", "4"]) == 2
    assert "expected at least 4" in capsys.readouterr().err
    assert os.environ[VISIBLE] == "0,1,2"


def test_numbers_are_told_by_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_driver(tmp_path / "bin")
    monkeypatch.setenv(VISIBLE, "1,GPU-a,-1,0")
    assert visible_gpus() == ["GPU-b", "GPU-a"]
    # one GPU has one lock, however it is called
    (tmp_path / "bin" / "nvidia-smi").write_text("#!/bin/sh\necho '0, GPU-a1'\necho '1, GPU-b2'\n")
    monkeypatch.setenv(VISIBLE, "GPU-b,0,MIG-3")
    assert visible_gpus() == ["GPU-b2", "GPU-a1", "MIG-3"]
    write_driver(tmp_path / "bin")
    monkeypatch.delenv(VISIBLE)
    assert visible_gpus() == ["GPU-a", "GPU-b"]
    with own_gpus(1):
        assert os.environ[VISIBLE] == "GPU-a"
    assert VISIBLE not in os.environ


def test_without_any_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VISIBLE)
    assert visible_gpus() == []
    monkeypatch.setenv(VISIBLE, "")
    assert visible_gpus() == []


def test_a_job_without_gpus_sees_none() -> None:
    with own_gpus(0):
        assert os.environ[VISIBLE] == ""
    with own_gpus(None):
        assert os.environ[VISIBLE] == "0,1,2"


def test_jobs_within_a_job_of_slurm_share_its_gpus(
    jobs: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    assert [line(start(jobs, 1).stdout) for _ in range(3)] == ["0", "1", "2"]
    # a site may give GPUs to a job that counts none
    with own_gpus(0):
        assert os.environ[VISIBLE] == "0,1,2"
