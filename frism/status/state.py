"""The state of each job, from files alone: nothing is run and nothing is changed.

| state | what is there |
|---|---|
| done | all outputs, without Snakemake's mark of a job that was begun |
| running | the mark, and the job is in SLURM's queue, or a Snakemake works here |
| waiting | the mark, and SLURM has not started the job |
| failed | no outputs, and a log that is newer than the job's last success |
| interrupted | the mark, but nobody at work: its run was killed; a restart goes on |
| missing | none of it |
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from frism.dag.job import WorkflowJob
from frism.status.marks import Mark, begun_jobs, is_at_work, slurm_id, slurm_logs
from frism.status.slurm import WAITING, queue

DONE, RUNNING, PENDING = "done", "running", "waiting"
FAILED, INTERRUPTED, MISSING = "failed", "interrupted", "missing"
STATES = (DONE, RUNNING, PENDING, FAILED, INTERRUPTED, MISSING)
SECONDS = "s"
# by how many seconds clocks of nodes may differ
CLOCKS = 60.0


@dataclass(frozen=True)
class JobState:
    """What is known of a job.

    Args:
        job: The job.
        state: One of `STATES`.
        seconds: What it took where it is done, what it takes so far where it is begun.
        slurm: The id of its SLURM job; empty where there is none.
        slurm_log: What SLURM caught of it.
        ended: When it failed, in seconds since the epoch.
    """

    job: WorkflowJob
    state: str
    seconds: float | None = None
    slurm: str = ""
    slurm_log: Path | None = None
    ended: float = 0.0


def look(jobs: Iterable[WorkflowJob], directory: Path = Path()) -> list[JobState]:
    """Returns the state of each job.

    Args:
        jobs: The jobs; their paths start at the working directory.
        directory: Where Snakemake was started.
    """
    folder = directory / ".snakemake"
    marks, logs = begun_jobs(folder), slurm_logs(folder)
    submitted = bool(logs) or any(mark.slurm for mark in marks.values())
    queued = queue() if marks and submitted else {}
    observer = _Observer(directory, marks, queued, bool(marks) and is_at_work(directory), logs)
    return [observer.state(job) for job in jobs]


@dataclass(frozen=True)
class _Observer:
    directory: Path
    marks: Mapping[str, Mark]
    queued: Mapping[str, str]
    at_work: bool
    slurm_logs: Mapping[str, Path]

    def state(self, job: WorkflowJob) -> JobState:
        mark = next((self.marks[path] for path in job.outputs if path in self.marks), None)
        if mark is not None:
            return self._begun(job, mark)
        if all((self.directory / path).exists() for path in job.outputs):
            return JobState(job, DONE, _benchmark(self.directory / job.benchmark))
        return self._absent(job)

    def _begun(self, job: WorkflowJob, mark: Mark) -> JobState:
        log, slurm = self._slurm_log(job), mark.slurm
        if not slurm and log and _changed(log) > mark.begun - CLOCKS:
            # the Snakemake inside the job marks it anew, without the id
            slurm = slurm_id(log)
        if slurm in self.queued:
            state = PENDING if self.queued[slurm] in WAITING else RUNNING
        else:
            # what left the queue is still the Snakemake's that waits for its outputs
            state = RUNNING if self.at_work else INTERRUPTED
        return JobState(job, state, max(0.0, time.time() - mark.begun), slurm, log)

    def _absent(self, job: WorkflowJob) -> JobState:
        log = self._slurm_log(job)
        tries = [file for file in (self.directory / job.log, log) if file and file.is_file()]
        last = max((_changed(file) for file in tries), default=0.0)
        if not tries or last <= _changed(self.directory / job.benchmark):
            return JobState(job, MISSING)
        return JobState(job, FAILED, None, slurm_id(log) if log else "", log, last)

    def _slurm_log(self, job: WorkflowJob) -> Path | None:
        return self.slurm_logs.get(str(job.log))


def _benchmark(file: Path) -> float | None:
    """Returns the seconds that a benchmark of Snakemake tells, None where there is none."""
    try:
        head, *rows = file.read_text(encoding="utf-8").splitlines()
        column = head.split("\t").index(SECONDS)
        return sum(float(row.split("\t")[column]) for row in rows)
    except (OSError, ValueError, IndexError):
        return None


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
