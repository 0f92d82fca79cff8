"""Jobs of SLURM that outlive the Snakemake which submitted them.

Where Snakemake was killed, its jobs run on. A new run must not submit them once more: it waits
until they have ended, and begins anew with what they made.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from frism.errors import SchedulerError
from frism.status.marks import slurm_id, slurm_logs

QUEUE = "squeue"
PATIENCE = 10.0


def wait_for_leftovers(workflow: Any) -> None:
    """Waits for jobs of an earlier run that work on what this one would make, and starts it again.

    Args:
        workflow: Snakemake's object of that name, when its jobs are known and none has started.

    Raises:
        SystemExit: SLURM does not tell which jobs there are; the message is on standard error.
    """
    if workflow.touch:
        return
    waited = False
    try:
        while ids := in_queue(_submitted(workflow), workflow.workdir_init):
            if not waited:
                _tell(ids)
            waited = True
            time.sleep(PATIENCE)
    except SchedulerError as error:
        print(f"Nothing was run:\n{error}", file=sys.stderr)
        raise SystemExit(2) from None
    if waited:
        _start_again(workflow)


def record_finished(workflow: Any) -> None:
    """Records how outputs were made that appeared while no Snakemake looked on.

    Without a record a later change of their parameters would go unnoticed.

    Args:
        workflow: as above.
    """
    for job in workflow.dag.jobs:
        if not workflow.dag.needrun(job) and not workflow.persistence.has_metadata(job):
            workflow.async_run(workflow.persistence.finished(job))


def in_queue(ids: Iterable[str], folder: str | Path) -> list[str]:
    """Returns those of some jobs that SLURM has not done with; none where there is no SLURM.

    Args:
        ids: Of jobs, or of tasks of arrays as 12_3. Old ones may have been given out anew.
        folder: Where they were submitted from.

    Raises:
        SchedulerError: SLURM did not answer.
    """
    wanted = set(ids)
    if not wanted or shutil.which(QUEUE) is None:
        return []
    command = [QUEUE, "--noheader", "--array", "--user", getpass.getuser(), "--format=%i|%Z"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SchedulerError(
            f"{' '.join(command)} failed: {done.stderr.strip()}; expected the jobs of an earlier "
            "run: start again when SLURM answers"
        )
    rows = [line.partition("|") for line in done.stdout.splitlines()]
    return sorted(wanted & {job.strip() for job, _, place in rows if place == str(folder)})


def _submitted(workflow: Any) -> set[str]:
    """Returns the ids of SLURM jobs that were submitted for what is still to be made."""
    persistence = workflow.persistence
    logs = slurm_logs(persistence.path)
    jobs = list(workflow.dag.needrun_jobs())
    noted = {each for job in jobs for each in persistence.external_jobids(job)}
    # the note is written over as soon as the job runs; by then it has a log that says what it does
    return noted | {slurm_id(logs[log]) for job in jobs for log in job.log if log in logs}


def _tell(ids: list[str]) -> None:
    print(
        f"Waiting for {len(ids)} SLURM jobs of an earlier run: {' '.join(ids)}.\n"
        f"What they make is taken over. To make it anew instead: scancel {' '.join(ids)}",
        file=sys.stderr,
        flush=True,
    )


def _start_again(workflow: Any) -> None:
    # what there is to do was decided before those jobs ended
    workflow.persistence.unlock()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "snakemake", *sys.argv[1:]])
