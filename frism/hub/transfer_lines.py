"""Progress of a download in a log: a plain line every few seconds."""

from __future__ import annotations

import sys
import time

from frism.hub.space import amount
from frism.progress import SECONDS_BETWEEN_LINES


class TransferLines:
    """What a download reports to where no terminal shows a bar.

    Args:
        desc: The file.
        total: Its size in bytes, if known.
        initial: Bytes that an earlier run brought.
    """

    def __init__(self, desc: str, total: int | None, initial: int) -> None:
        self.name, self.total, self.initial, self.done = desc, total, initial, initial
        self.start = self.printed = time.monotonic()

    def __enter__(self) -> TransferLines:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to close."""

    def update(self, count: int) -> None:
        """Counts bytes, and prints a line if the last one is some seconds old."""
        self.done += count
        now = time.monotonic()
        if now - self.printed > SECONDS_BETWEEN_LINES:
            self.printed = now
            rate = (self.done - self.initial) / (now - self.start)
            of = f" of {amount(self.total)}" if self.total else ""
            print(
                f"{self.name}: {amount(self.done)}{of} ({amount(int(rate))}/s)",
                file=sys.stderr,
                flush=True,
            )
