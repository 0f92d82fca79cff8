"""`frism` that is sent a signal at points chosen in advance: SIGKILL as if it had lost power.

The variable DEATHS holds a JSON list of deaths, LOADS one of loads that come before the work;
tests/workspace.py says what these are. Where EASY is set, models of an embedded family are good
after any number of steps. A file named by GPUS_SEEN is told which GPUs a job takes and leaves.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

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


def bear(seconds: float, megabytes: int, each_step: float) -> None:
    """Holds memory, every page of which is written, for a while; slows down optimiser steps."""
    held = bytearray(b"x") * (megabytes * 2**20)
    time.sleep(seconds)
    del held
    if each_step:
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        register_optimizer_step_pre_hook(lambda *_: time.sleep(each_step))


def tell_gpus(file: str) -> None:
    """Appends a line of time, process and GPUs to a file whenever a job's own GPUs change."""

    def hook(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "os.putenv" and arguments[0] == b"CUDA_VISIBLE_DEVICES":
            with open(file, "a") as told:
                told.write(f"{time.time()} {os.getpid()} {arguments[1].decode()}\n")

    sys.addaudithook(hook)


def make_training_easy() -> None:
    """Lets the training of a model end after a few steps."""
    from tests.embedded import lower_levels

    lower_levels(pytest.MonkeyPatch())


if __name__ == "__main__":
    words = " ".join(sys.argv[1:])
    if os.environ.get("EASY") and words.startswith("train"):
        make_training_easy()
    for job, *point in json.loads(os.environ.get("DEATHS", "[]")):
        if job in words:
            arm(*point)
    for job, *load in json.loads(os.environ.get("LOADS", "[]")):
        if job in words:
            bear(*load)
    if seen := os.environ.get("GPUS_SEEN"):
        tell_gpus(seen)
    sys.exit(command())
