"""Flags that name benchmarks by group."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, get_args

from frism.evaluation.records import Group

if TYPE_CHECKING:
    from frism.evaluation.records import Groups


def add_benchmarks(parser: argparse.ArgumentParser) -> None:
    """Adds one flag per group."""
    for group in get_args(Group):
        parser.add_argument(f"--{group}", nargs="*", default=[], help=f"{group} benchmarks")


def benchmarks_from(args: argparse.Namespace) -> Groups:
    """Returns the benchmarks by group."""
    return {group: tuple(getattr(args, group)) for group in get_args(Group)}
