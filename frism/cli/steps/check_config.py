"""Checks a configuration and says what it asks for."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.config.layout import Layout
from frism.config.load import Setup, load

HELP = "Check a configuration file with its pairs and say how many merges it asks for."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this step."""
    parser.add_argument("config", nargs="?", type=Path, default=Path("config/config.yaml"))


def run(args: argparse.Namespace) -> None:
    """Prints one line for each pair and experiment."""
    print("\n".join(_summary(load(args.config))))


def _summary(setup: Setup) -> list[str]:
    run = Layout(setup)
    lines = [f"results/{setup.config.name}: {len(setup.pairs)} pair(s)"]
    lines += [f"  pair {name}: {pair.kind}" for name, pair in setup.pairs.items()]
    for name in setup.config.experiments:
        methods = run.methods(name)
        count = sum(len(run.candidates(name, slug)) for slug in methods)
        lines.append(f"  experiment {name}: {len(methods)} method(s), {count} candidate(s)")
    for pair in run.pairs:
        lines.append(f"  merges of {pair}: {len(run.merges(pair))} checkpoint(s)")
        reasons = {slug: run.reason(pair, slug) for slug in setup.config.merges}
        lines += [f"    without {slug}: {reason}" for slug, reason in reasons.items() if reason]
        if pair not in run.evaluated:
            suite = f"on the suite {setup.config.suite}" if pair in run.on_suite else "not at all"
            lines.append(f"    evaluated {suite}: the pair names no data")
    return lines
