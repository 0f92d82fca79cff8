"""Signals that ask this process to end: work stops where nothing is left half-done.

They come from a terminal (SIGINT), from SLURM and service managers (SIGTERM), from a lost
connection (SIGHUP), or from SLURM ahead of a time limit where that was asked for (SIGUSR1, say).
The first one counts: it is raised as an exception in the main thread, so that temporary files go
away, at once or at the end of a block that must not be cut in two.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
# shells add this to the number of the signal that ended a command
STATUS = 128


class Interrupted(KeyboardInterrupt):
    """A signal asked this process to end; its notes say what is kept.

    Args:
        number: The signal.
    """

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(f"stopped by {number.name}")
        self.number = number

    @property
    def status(self) -> int:
        """The exit status that tells the signal."""
        return STATUS + self.number

    @property
    def got_on(self) -> bool:
        """Whether this process left something that the next one need not do again."""
        return _state.got_on

    def __str__(self) -> str:
        notes = "; ".join(getattr(self, "__notes__", ()))
        return ": ".join(filter(None, [*map(str, self.args), notes]))


class Postponement:
    """A block that must not be cut in two.

    Args:
        promise: What is done before this process ends; said when a signal comes.
    """

    def __init__(self, promise: str = "") -> None:
        self.promise = promise

    @property
    def wanted(self) -> bool:
        """Whether a signal has come: the block had better end soon."""
        return _state.came is not None


class _State:
    """What this process knows of signals."""

    def __init__(self) -> None:
        self.came: signal.Signals | None = None
        self.got_on = False
        self.postponed: list[Postponement] = []

    def handle(self, number: int, _: FrameType | None) -> None:
        """Takes a signal; those after the first change nothing."""
        if self.came is not None:
            return
        self.came = signal.Signals(number)
        if not self.postponed:
            raise Interrupted(self.came)
        if promise := self.postponed[0].promise:
            # print would fail where it was this signal that interrupted a print
            os.write(2, f"{self.came.name}: {promise}\n".encode())


_state = _State()


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets signals end the block by `Interrupted`; those that are ignored stay so (nohup)."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is told of signals
        return
    before = {each: signal.getsignal(each) for each in SIGNALS}
    for each, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(each, _state.handle)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        _state.came, _state.got_on = None, False


@contextmanager
def postponed(promise: str = "") -> Iterator[Postponement]:
    """Lets signals wait for the end of the block, which may ask whether one came.

    Args:
        promise: What is done before this process ends; said when a signal comes.

    Raises:
        Interrupted: One came, and the block ended without another exception.
    """
    block = Postponement(promise)
    outermost = not _state.postponed
    # one that came before is on its way already, through whatever is cleaned up here
    before = _state.came
    _state.postponed.append(block)
    try:
        yield block
    finally:
        _state.postponed.remove(block)
    if outermost and before is None and _state.came is not None:
        raise Interrupted(_state.came)


def got_on() -> None:
    """Takes down that this process left something that the next one need not do again."""
    _state.got_on = True


@contextmanager
def noted(note: Callable[[], str]) -> Iterator[None]:
    """Adds to an interruption of the block what is kept of it."""
    try:
        yield
    except KeyboardInterrupt as stop:
        stop.add_note(note())
        raise


def leave_to_parent() -> None:
    """Ignores the signals in a process whose parent, which gets them too, will end it."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
