"""`frism scores`: the test records of all experiments in one table."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Collect the scores of all experiments in one table, each test record once."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument(
        "--tables",
        nargs="+",
        required=True,
        type=Path,
        metavar="FILE",
        help="tables <experiment>_scores.csv that `frism tables` wrote",
    )
    parser.add_argument("--output", required=True, type=Path, metavar="FILE")


def run(args: argparse.Namespace) -> None:
    """Runs the step."""
    from frism.results.collection import collected
    from frism.results.formats import write_csv

    scores = collected(args.tables)
    print(f"scores: {len(scores)} test records -> {args.output}", flush=True)
    write_csv(args.output, scores)
