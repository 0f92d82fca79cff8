"""Flags that name benchmarks by group, and the judge of each group."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from typing import get_args

from frism.config.suites import SWEPT, BenchmarkGroup, Group, Suite, checked
from frism.errors import ConfigError


def add_benchmarks(parser: argparse.ArgumentParser) -> None:
    """Adds two flags per group."""
    for group in get_args(Group):
        parser.add_argument(f"--{group}", nargs="*", default=[], help=f"{group} benchmarks")
        parser.add_argument(
            f"--{group}-judge", choices=SWEPT, help="who judges them; required with them"
        )


def benchmarks_from(args: argparse.Namespace) -> Mapping[Group, BenchmarkGroup]:
    """Returns the benchmarks and the judge of each group that there is.

    Raises:
        ConfigError: a group has no judge, or a benchmark is named twice or not to be judged so.
    """
    given = {}
    for group in get_args(Group):
        names, judge = tuple(getattr(args, group)), getattr(args, f"{group}_judge")
        if names and judge is None:
            judges = ", ".join(SWEPT)
            raise ConfigError(f"--{group}-judge: found none; expected one of {judges}")
        if names:
            given[group] = BenchmarkGroup(judge=judge, benchmarks=names)
    suite = Suite.model_validate(given)
    if problems := checked(suite):
        raise ConfigError("\n".join(f"--{key}: {message}" for key, message in problems))
    return suite.groups


def benchmark_flags(suite: Suite) -> str:
    """Returns the benchmarks and judges as flags quoted for a shell."""
    words: list[str] = []
    for name, group in suite.groups.items():
        words += [f"--{name}", *group.benchmarks, f"--{name}-judge", group.judge]
    return shlex.join(words)
