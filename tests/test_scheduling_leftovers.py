"""Which jobs of an earlier run SLURM has not done with; tests/slurm has the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.errors import SchedulerError
from frism.scheduling.leftovers import in_queue


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where commands are found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def write_squeue(folder: Path, script: str) -> None:
    """A squeue that knows its own answer."""
    (folder / "squeue").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "squeue").chmod(0o755)


def test_only_jobs_of_the_folder_that_were_asked_for_are_found(folder: Path) -> None:
    write_squeue(folder, "printf '7|/a b\\n12_3|/a b\\n12_4|/a b\\n13|/c\\n'")
    assert in_queue(["12_3", "7", "70", "1", "13"], "/a b") == ["12_3", "7"]
    assert in_queue(["1"], Path("/a b")) == []


def test_nothing_is_asked_about_no_job(folder: Path) -> None:
    write_squeue(folder, "exit 1")
    assert in_queue([], folder) == []


def test_without_slurm_there_are_none(folder: Path) -> None:
    assert in_queue(["7"], folder) == []


def test_a_scheduler_that_does_not_answer_is_an_error(folder: Path) -> None:
    write_squeue(folder, "echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(SchedulerError, match=r"failed: Unable to contact slurm controller;"):
        in_queue(["7"], folder)
