"""Progress of long loops: a bar in a terminal, a plain line every few seconds in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")
SECONDS_BETWEEN_LINES = 10.0


def progress(items: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
    """Yields `items` while reporting count, rate and remaining time on standard error."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    if sys.stderr.isatty():
        yield from tqdm(items, desc=description, total=total)
    else:
        yield from _lines(items, description, total)


def _lines(items: Iterable[T], description: str, total: int | None) -> Iterator[T]:
    start = printed = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - printed > SECONDS_BETWEEN_LINES or done == total:
            printed = now
            print(_line(description, done, total, now - start), file=sys.stderr, flush=True)


def _line(description: str, done: int, total: int | None, seconds: float) -> str:
    rate = done / max(seconds, 1e-9)
    if total is None:
        return f"{description}: {done} in {seconds:.0f} s ({rate:.1f}/s)"
    remaining = (total - done) / rate
    return (
        f"{description}: {done}/{total} in {seconds:.0f} s ({rate:.1f}/s, {remaining:.0f} s left)"
    )
