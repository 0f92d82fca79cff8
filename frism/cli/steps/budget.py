"""`frism budget`: what a run costs, before anything is downloaded or submitted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from frism.config.layout import Layout
from frism.config.load import Setup, load
from frism.config.pair_tree import PairCheckpoints

if TYPE_CHECKING:
    from frism.planning.size import PairSize

HELP = "show jobs, GPU-hours, memory and disk of a run before anything is submitted"
USES_HUB = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument("config", nargs="?", type=Path, default=Path("config/config.yaml"))
    parser.add_argument(
        "--target",
        default="everything",
        help="all, merges, evaluations, everything (default) or the name of an experiment",
    )
    parser.add_argument(
        "--hub",
        action="store_true",
        help="read the headers on the hub of pairs that are not downloaded (default: no network)",
    )


def run(args: argparse.Namespace) -> None:
    """Prints the budget; neither weights nor a network are needed."""
    from frism.planning.budget import Budget
    from frism.planning.budget_report import budget_lines
    from frism.planning.needs import Needs

    setup = load(args.config)
    needs = Needs(Layout(setup), _on_hub(setup) if args.hub else {})
    print("\n".join(budget_lines(Budget(needs, args.target))))


def _on_hub(setup: Setup) -> dict[str, PairSize]:
    from frism.planning.models import open_pair

    given = setup.pairs.items()
    return {name: open_pair(p).size for name, p in given if isinstance(p, PairCheckpoints)}
