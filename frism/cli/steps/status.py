"""`frism status`: what of a run is done, running, failed or missing."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.config.layout import Layout
from frism.config.load import load

HELP = "show per pair and method what is done, running, failed and missing, with times"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument("config", nargs="?", type=Path, default=Path("config/config.yaml"))
    parser.add_argument(
        "--everything",
        action="store_true",
        help="jobs of all targets; without it those of `snakemake` alone, and what was begun",
    )


def run(args: argparse.Namespace) -> None:
    """Prints the state of the run in the working directory; reads only."""
    from frism.dag.jobs import ALL, EVERYTHING, jobs_for, outputs_of
    from frism.status.report import begun, failures, overview
    from frism.status.state import MISSING, look

    layout = Layout(load(args.config))
    states = look(jobs_for(layout, outputs_of(layout, EVERYTHING)))
    if not args.everything:
        asked = set(jobs_for(layout, outputs_of(layout, ALL)))
        states = [each for each in states if each.job in asked or each.state != MISSING]
    for block in (overview(states), begun(states), failures(states)):
        if block:
            print("\n".join(block), end="\n\n")
