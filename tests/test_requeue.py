"""Which SLURM jobs go back into the queue; `scontrol` is a script that answers as SLURM does."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from frism.cli.requeue import requeued, slurm_job
from frism.interruption import Interrupted, got_on, interruptible

# what `scontrol show job --oneliner` says of a job that Snakemake submitted, shortened
RUNNING = (
    "JobId=17 JobName=4c2e UserId=me(7) Account=(null) JobState=RUNNING Reason=None Requeue=1"
    " Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0 TimeLimit=01:00:00 NumCPUs=4"
    " Comment=rule_gates_embedded_wildcards_frism_alpha=1 Command=(null)"
)
OUT = "SLURM job 17 does not go back into the queue"


class Slurm:
    """A job of a SLURM that answers as it is told, and takes down what it was asked."""

    def __init__(self, folder: Path, shown: str, refusal: str = "") -> None:
        self.asked = folder / "asked"
        self.asked.touch()
        (folder / "shown").write_text(shown + "\n")
        refuse = f"[ $1 = requeue ] && {{ echo '{refusal}' >&2; exit 1; }}" if refusal else ""
        script = f'#!/bin/sh\necho "$@" >> {self.asked}\n{refuse}\ncat {folder / "shown"}\n'
        (folder / "scontrol").write_text(script)
        (folder / "scontrol").chmod(0o755)

    @property
    def requeued(self) -> list[str]:
        """The jobs that it was asked to put back."""
        lines = self.asked.read_text().splitlines()
        return [line.removeprefix("requeue ") for line in lines if line.startswith("requeue ")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for `scontrol` in a job of SLURM."""
    for name in [name for name in os.environ if name.startswith("SLURM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path


def stopped(progress: bool = True) -> str:
    """Stops a step by a signal; returns what is said of it."""

    def work() -> None:
        with requeued():
            if progress:
                got_on()
            os.kill(os.getpid(), signal.SIGTERM)

    with interruptible(), pytest.raises(Interrupted) as caught:
        work()
    return str(caught.value).removeprefix("stopped by SIGTERM: ")


def test_a_running_job_that_got_on_goes_back(folder: Path) -> None:
    slurm = Slurm(folder, RUNNING)
    assert stopped() == "SLURM job 17 goes back into the queue"
    assert slurm.requeued == ["17"]


@pytest.mark.parametrize("state", ["COMPLETING", "CANCELLED", "TIMEOUT"])
def test_a_job_that_was_ended_is_left_alone(folder: Path, state: str) -> None:
    slurm = Slurm(folder, RUNNING.replace("RUNNING", state))
    assert stopped() == f"{OUT}: it was cancelled or its time is over (JobState={state})"
    assert slurm.requeued == []


@pytest.mark.parametrize("name", ["Requeue", "BatchFlag"])
def test_a_job_that_may_not_go_back_fails(folder: Path, name: str) -> None:
    slurm = Slurm(folder, RUNNING.replace(f"{name}=1", f"{name}=0"))
    assert stopped().startswith(f"{OUT}: it ")
    assert slurm.requeued == []


def test_a_job_that_got_on_by_nothing_stays_out(folder: Path) -> None:
    slurm = Slurm(folder, RUNNING)
    assert stopped(progress=False) == f"{OUT}: it got on by nothing"
    assert slurm.asked.read_text() == ""


def test_a_refusal_is_told(folder: Path) -> None:
    refusal = "Requested operation is presently disabled for job 17"
    slurm = Slurm(folder, RUNNING, refusal)
    assert stopped() == f"{OUT}: {refusal}"
    assert slurm.requeued == ["17"]


def test_without_scontrol_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    assert stopped().startswith(f"{OUT}: [Errno 2] No such file or directory: 'scontrol'")


def test_a_task_of_an_array_goes_back_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slurm = Slurm(folder, RUNNING)
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "15")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    assert stopped() == "SLURM job 15_3 goes back into the queue"
    assert slurm.requeued == ["15_3"]


def test_nothing_is_asked_outside_of_slurm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slurm = Slurm(folder, RUNNING)
    monkeypatch.delenv("SLURM_JOB_ID")
    assert slurm_job() == ""
    assert stopped() == "stopped by SIGTERM"
    assert slurm.asked.read_text() == ""
