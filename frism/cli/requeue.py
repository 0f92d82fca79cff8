"""A SLURM job that is stopped ahead of its time limit goes back into the queue, and goes on there.

Snakemake submits its own command: the job that SLURM starts again calls the same rule, which finds
what it had finished. Snakemake's main process sees one job that waits and runs again: none of its
retries is used up, which ask for more time and memory each.

Only a job that still runs goes back. SLURM stops a job that was cancelled by the same signal, but
has marked it as completing by then, and would bring it back to life if it were asked.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from frism.interruption import Interrupted

JOB, ARRAY, TASK = "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"
SECONDS = 30
# as `scontrol show job` says it: a batch script that SLURM may start twice, and that nobody ended
NEEDED = {
    "BatchFlag": ("1", "it has no batch script"),
    "Requeue": ("1", "it was submitted with --no-requeue, or the cluster allows none"),
    "JobState": ("RUNNING", "it was cancelled or its time is over"),
}


@contextmanager
def requeued() -> Iterator[None]:
    """Puts the SLURM job of this process back into the queue if a signal ends the block.

    It stays out where this process got on by nothing: it would come to the same end for ever.
    """
    try:
        yield
    except Interrupted as stop:
        if job := slurm_job():
            stop.add_note(_requeue(job) if stop.got_on else f"{_out(job)}: it got on by nothing")
        raise


def slurm_job() -> str:
    """Returns the id of the SLURM job that this process belongs to, '' if it belongs to none."""
    if task := os.environ.get(TASK):
        # the number of an array stands for all its tasks
        return f"{os.environ[ARRAY]}_{task}"
    return os.environ.get(JOB, "")


def _requeue(job: str) -> str:
    """Asks SLURM and says what came of it."""
    try:
        shown = dict(re.findall(r"(\S+?)=(\S*)", _scontrol("show", "job", "--oneliner", job)))
        for name, (needed, meaning) in NEEDED.items():
            if shown.get(name) != needed:
                return f"{_out(job)}: {meaning} ({name}={shown.get(name)})"
        _scontrol("requeue", job)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or error
        return f"{_out(job)}: {str(said).strip()}"
    return f"SLURM job {job} goes back into the queue"


def _scontrol(*words: str) -> str:
    done = subprocess.run(
        ["scontrol", *words], capture_output=True, text=True, check=True, timeout=SECONDS
    )
    return done.stdout


def _out(job: str) -> str:
    return f"SLURM job {job} does not go back into the queue"
