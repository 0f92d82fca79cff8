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


class Memory(NamedTuple):
    """Memory of a process and all below it, in bytes.

    Args:
        anonymous: Resident memory that is no mapped file.
        resident: All resident memory; shared pages count once for each process.
    """

    anonymous: int
    resident: int


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
            peak = max(peak, memory(process.pid).anonymous)
            time.sleep(SAMPLE_SECONDS)
            done, status, used = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed ({process.returncode}); see {log}")
    return Usage(seconds, used.ru_utime + used.ru_stime, peak)


def memory(pid: int, below: bool = True) -> Memory:
    """Returns the memory of a process, and of all below it; nothing where it is gone."""
    folder = Path("/proc", str(pid))
    try:
        lines = (folder / "status").read_text().splitlines()
        children = [
            int(child)
            for thread in (folder / "task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return Memory(0, 0)
    sizes = dict(line.split(":", 1) for line in lines if line.startswith(("RssAnon", "VmRSS")))
    own = [int(sizes.get(name, "0 kB").split()[0]) * KIB for name in ("RssAnon", "VmRSS")]
    found = [memory(child) for child in children if below]
    return Memory(
        own[0] + sum(each.anonymous for each in found),
        own[1] + sum(each.resident for each in found),
    )
