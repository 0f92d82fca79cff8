"""What SLURM says of jobs."""

from __future__ import annotations

import shutil
import subprocess

SECONDS = 10.0
WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "SUSPENDED", "RESIZING")


def queue() -> dict[str, str]:
    """Returns the user's jobs in SLURM's queue: states by id; none where it does not answer."""
    if shutil.which("squeue") is None:
        return {}
    # --array: one line for each job of an array, as the ids are written
    words = ["squeue", "--me", "--array", "--noheader", "--format=%i|%T"]
    try:
        told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=SECONDS)
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = [line.strip().split("|") for line in told.stdout.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 2}
