"""What SLURM says of jobs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection
from typing import NamedTuple

SECONDS = 10.0
WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "SUSPENDED", "RESIZING")


class SlurmJob(NamedTuple):
    """A job in SLURM's queue.

    Attributes:
        state: SLURM's word for its state, such as RUNNING.
        time: How long it has run, as SLURM writes it.
    """

    state: str
    time: str


def queue(ids: Collection[str]) -> dict[str, SlurmJob]:
    """Returns those of the jobs that are in the user's queue; none where SLURM does not answer."""
    if not ids or shutil.which("squeue") is None:
        return {}
    # --array: one line for each job of an array, as the ids are written
    words = ["squeue", "--me", "--array", "--noheader", "--format=%i|%T|%M"]
    try:
        told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=SECONDS)
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = [line.strip().split("|") for line in told.stdout.splitlines()]
    known = {row[0]: SlurmJob(row[1], row[2]) for row in rows if len(row) == 3}
    return {each: known[each] for each in ids if each in known}
