"""Checks a configuration and says what it asks for."""

from __future__ import annotations

import argparse
from math import prod
from pathlib import Path

from frism.config.load import Setup, load

HELP = "Check a configuration file with its pairs and say how many merges it asks for."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this step."""
    parser.add_argument("config", nargs="?", type=Path, default=Path("config/config.yaml"))


def run(args: argparse.Namespace) -> None:
    """Prints one line for each pair and method."""
    print("\n".join(_summary(load(args.config))))


def _summary(setup: Setup) -> list[str]:
    lines = [f"results/{setup.config.name}: {len(setup.pairs)} pair(s)"]
    lines += [f"  pair {name}: {pair.kind}" for name, pair in setup.pairs.items()]
    for slug, parameters in setup.config.methods.items():
        candidates = prod(len(values) for values in parameters.values())
        lines.append(f"  method {slug}: {candidates} candidate(s)")
    return lines
