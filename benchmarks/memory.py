"""Peak memory of all that this process starts, sampled while a block runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from processes import SAMPLE_SECONDS, memory


@dataclass
class Peak:
    """Peaks in bytes, see `processes.Memory`."""

    anonymous: int = 0
    resident: int = 0


@contextmanager
def watched() -> Iterator[Peak]:
    """Yields the peaks of the processes below this one, itself left out."""
    peak, done = Peak(), threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            whole, own = memory(os.getpid()), memory(os.getpid(), below=False)
            peak.anonymous = max(peak.anonymous, whole.anonymous - own.anonymous)
            peak.resident = max(peak.resident, whole.resident - own.resident)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
