"""Peak memory of processes and all that they start, sampled from the kernel."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass
class Peak:
    """Peaks in bytes.

    Args:
        anonymous: Largest sum of memory that is no mapped file.
        resident: Largest sum of all memory, mapped files included; shared pages count once for
            each process.
    """

    anonymous: int = 0
    resident: int = 0


@contextmanager
def watched(root: int | None = None, interval: float = 0.05) -> Iterator[Peak]:
    """Yields the peaks of the processes below `root` while the block runs.

    Args:
        root: Process whose descendants are watched; None for this one.
        interval: Seconds between two samples.
    """
    peak, done = Peak(), threading.Event()

    def sample() -> None:
        while not done.wait(interval):
            found = [_memory(process) for process in _descendants(root or os.getpid())]
            peak.anonymous = max(peak.anonymous, sum(anonymous for anonymous, _ in found))
            peak.resident = max(peak.resident, sum(resident for _, resident in found))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _descendants(root: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            # the name in brackets may hold spaces
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = int(fields[1])
    found, waiting = [], [root]
    while waiting:
        parent = waiting.pop()
        children = [process for process, above in parents.items() if above == parent]
        found += children
        waiting += children
    return found


def _memory(process: int) -> tuple[int, int]:
    """Returns anonymous and resident bytes; nothing where the process is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {
        name: int(rest.split()[0]) * KIB
        for name, _, rest in (line.partition(":") for line in lines)
        if name in ("RssAnon", "RssShmem", "VmRSS")
    }
    return sizes.get("RssAnon", 0) + sizes.get("RssShmem", 0), sizes.get("VmRSS", 0)
