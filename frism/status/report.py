"""The state of a run as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from frism.status.state import (
    DONE,
    FAILED,
    INTERRUPTED,
    MISSING,
    PENDING,
    RUNNING,
    STATES,
    JobState,
)
from frism.text_table import table

SHARED = "shared by all pairs"
# enough for a message of several lines or the end of a traceback
TAIL_LINES, TAIL_BYTES = 12, 16_384
# in what SLURM caught: its own words on memory, time and cancellation, and the shell's on signals
OF_DEATH = re.compile(r"slurmstepd: |: line \d+: +\d+ [A-Z]")
WIDEST, IN_A_TABLE = 200, 90


def overview(states: Sequence[JobState]) -> list[str]:
    """Returns the number of jobs in each state, then a table for each pair."""
    counts = [(state, _count(states, state)) for state in STATES]
    words = [f"{number} {state}" for state, number in counts if number or state == DONE]
    seconds = sum(each.seconds or 0.0 for each in states if each.state == DONE)
    lines = [f"{len(states)} jobs: {', '.join(words)}; {clock(seconds)} of jobs are done"]
    for pair in dict.fromkeys(each.job.pair for each in states):
        lines += ["", pair or SHARED, *_pair_table([s for s in states if s.job.pair == pair])]
    return lines


def begun(states: Iterable[JobState]) -> list[str]:
    """Returns the jobs that run, wait in SLURM's queue, or were interrupted, a line each."""
    found = [each for each in states if each.state in (RUNNING, PENDING, INTERRUPTED)]
    rows = [
        [
            each.state,
            each.job.pair,
            each.job.name,
            each.slurm or "-",
            f"{clock(each.seconds or 0.0)} ago",
            _last(each),
        ]
        for each in found
    ]
    return table(["state", "pair", "job", "SLURM job", "begun", "log ends"], rows) if rows else []


def failures(states: Iterable[JobState], since: float = 0.0) -> list[str]:
    """Returns what is known of the jobs that failed: ids, logs and how they end.

    Args:
        states: The jobs.
        since: Failures before this time, in seconds since the epoch, are left out.
    """
    lines: list[str] = []
    for each in states:
        if each.state == FAILED and each.ended >= since:
            job = each.job
            lines += ["", f"failed: {job.name}" + (f" ({job.pair})" if job.pair else "")]
            lines += [f"  log: {job.log}", *(f"  | {line}" for line in _tail(job.log))]
            lines += _of_slurm(each)
    return lines[1:]


def clock(seconds: float) -> str:
    """Returns a time as hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _pair_table(states: Sequence[JobState]) -> list[str]:
    used = [s for s in STATES if s in (DONE, RUNNING, FAILED, MISSING) or _count(states, s)]
    rows = []
    for step, what in dict.fromkeys((each.job.step, each.job.what) for each in states):
        of_row = [each for each in states if (each.job.step, each.job.what) == (step, what)]
        times = [each.seconds for each in of_row if each.state == DONE and each.seconds is not None]
        shown = [clock(sum(times)), clock(max(times))] if times else ["-", "-"]
        rows.append([step, what, *(str(_count(of_row, s) or "-") for s in used), *shown])
    return table(["step", "of", *used, "time", "longest"], rows)


def _count(states: Iterable[JobState], state: str) -> int:
    return sum(each.state == state for each in states)


def _of_slurm(each: JobState) -> list[str]:
    if each.slurm_log is None:
        return []
    caught = _tail(each.slurm_log, most=TAIL_BYTES)
    told = [line for line in caught if OF_DEATH.search(line)]
    if not told and not _tail(each.job.log):
        told = caught[-TAIL_LINES:]
    first = f"  SLURM job {each.slurm}, log: {each.slurm_log}"
    return [first, *(f"  | {line}" for line in told)]


def _last(each: JobState) -> str:
    return next(reversed(_tail(each.job.log)), str(each.job.log))[:IN_A_TABLE]


def _tail(file: Path, most: int = TAIL_LINES) -> list[str]:
    try:
        with file.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - TAIL_BYTES))
            text = log.read().decode(errors="replace")
    except OSError:
        return []
    return [line.rstrip()[:WIDEST] for line in text.splitlines() if line.strip()][-most:]
