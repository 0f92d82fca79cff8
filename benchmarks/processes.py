"""Running a program: its seconds, processor seconds and peak anonymous memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SAMPLE_SECONDS = 0.05
KIB = 1024


class Usage(NamedTuple):
    """What a program took.

    Args:
        seconds: Wall time from start to end.
        cpu: Processor seconds, user and system, of all its processes.
        peak: Largest sum of anonymous resident memory of its processes in a sample, bytes. Pages of
            mapped files are not in it: the kernel drops them when memory is short.
    """

    seconds: float
    cpu: float
    peak: int


def measure(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Usage:
    """Runs a command; what it prints goes to a file.

    Raises:
        SystemExit: it failed.
    """
    start, peak = time.perf_counter(), 0
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=file, stderr=subprocess.STDOUT
        )
        done = 0
        while not done:
            peak = max(peak, _anonymous(process.pid))
            time.sleep(SAMPLE_SECONDS)
            done, status, used = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed ({process.returncode}); see {log}")
    return Usage(seconds, used.ru_utime + used.ru_stime, peak)


def _anonymous(pid: int) -> int:
    """Returns the anonymous resident memory of a process and all below it, bytes."""
    folder = Path("/proc", str(pid))
    try:
        lines = (folder / "status").read_text().splitlines()
        children = [
            int(child)
            for thread in (folder / "task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    own = sum(int(line.split()[1]) * KIB for line in lines if line.startswith("RssAnon:"))
    return own + sum(map(_anonymous, children))
