"""`frism` that is sent a signal at points chosen in advance: SIGKILL as if it had lost power.

The variable DEATHS holds a JSON list of deaths; tests/workspace.py says what a death is.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import frism  # noqa: F401  # mends torchvision before torch is imported
from frism.cli.main import command

STEP = "optimiser step"


def arm(event: str, pattern: str, whole_run: bool, number: int) -> None:
    """Sends a signal at an optimiser step or at an audit event with a matching path."""
    die = _kill_the_group if whole_run else partial(os.kill, os.getpid(), number)
    if event == STEP:
        _at_step(int(pattern), die)
    else:
        _at_event(event, re.compile(pattern), die)


def _kill_the_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _at_step(count: int, die: Callable[[], None]) -> None:
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    taken: list[None] = []

    def hook(*_: Any) -> None:
        taken.append(None)
        if len(taken) == count:
            die()

    register_optimizer_step_pre_hook(hook)


def _at_event(event: str, pattern: re.Pattern[str], die: Callable[[], None]) -> None:
    def hook(name: str, arguments: tuple[Any, ...]) -> None:
        if name == event and any(pattern.search(str(each)) for each in arguments):
            die()

    sys.addaudithook(hook)


if __name__ == "__main__":
    words = " ".join(sys.argv[1:])
    for job, *point in json.loads(os.environ.get("DEATHS", "[]")):
        if job in words:
            arm(*point)
    sys.exit(command())
