"""`frism budget`: what a run costs, before anything is downloaded or submitted."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.config.layout import Layout
from frism.config.load import load

HELP = "show jobs, GPU-hours, memory and disk of a run before anything is submitted"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument("config", nargs="?", type=Path, default=Path("config/config.yaml"))
    parser.add_argument(
        "--target",
        default="everything",
        help="all, merges, evaluations, everything (default) or the name of an experiment",
    )


def run(args: argparse.Namespace) -> None:
    """Prints the budget; neither weights nor a network are needed."""
    from frism.planning.budget import Budget
    from frism.planning.budget_report import budget_lines

    print("\n".join(budget_lines(Budget.of(Layout(load(args.config)), args.target))))
