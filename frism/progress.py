"""Progress of long loops: a bar in a terminal, a plain line every few seconds in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")
SECONDS_BETWEEN_LINES = 10.0


def progress(
    items: Iterable[T],
    description: str,
    total: int | None = None,
    done: int = 0,
    note: Callable[[], str] | None = None,
) -> Iterator[T]:
    """Yields `items` while reporting count, rate and remaining time on standard error.

    Args:
        items: What is worked through.
        description: Beginning of the line.
        total: Number of all items; None to take it from `items` where they know.
        done: How many of them were done before.
        note: Says after each item what came out of it.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    if not sys.stderr.isatty():
        yield from _lines(items, description, total, done, note)
        return
    with tqdm(desc=description, total=total, initial=done) as bar:
        for item in items:
            yield item
            if note:
                bar.set_postfix_str(note(), refresh=False)
            bar.update()


def _lines(
    items: Iterable[T],
    description: str,
    total: int | None,
    before: int,
    note: Callable[[], str] | None,
) -> Iterator[T]:
    start = printed = time.monotonic()
    for done, item in enumerate(items, start=before + 1):
        yield item
        now = time.monotonic()
        if now - printed > SECONDS_BETWEEN_LINES or done == total:
            printed = now
            line = _line(description, done, total, now - start, before)
            print(line + (f": {note()}" if note else ""), file=sys.stderr, flush=True)


def _line(description: str, done: int, total: int | None, seconds: float, before: int) -> str:
    rate = (done - before) / max(seconds, 1e-9)
    if total is None:
        return f"{description}: {done} in {seconds:.0f} s ({rate:.1f}/s)"
    remaining = (total - done) / rate
    return (
        f"{description}: {done}/{total} in {seconds:.0f} s ({rate:.1f}/s, {remaining:.0f} s left)"
    )
