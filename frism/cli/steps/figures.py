"""`frism figures`: the figures of one pair from its tables, gates and training histories."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.flags import add_flags, settings_from
from frism.config.tree import Selection

HELP = "Draw the figures of one pair (PNG and SVG) from its tables, gates and histories."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument(
        "--tables", required=True, type=Path, metavar="DIR", help="what `frism tables` wrote"
    )
    parser.add_argument(
        "--families",
        nargs="+",
        required=True,
        type=Path,
        metavar="DIR",
        help="directories <pair>/seed-<seed> of the pair's families",
    )
    parser.add_argument("--output", required=True, type=Path, metavar="DIR")
    add_flags(parser, Selection)


def run(args: argparse.Namespace) -> None:
    """Runs the step."""
    from frism.results.figures.draw import draw_figures
    from frism.results.tableset import read_tables

    tolerance = settings_from(args, Selection).perception_tolerance
    tables = read_tables(args.tables, args.families)
    print(f"figures: {tables.pair} -> {args.output}", flush=True)
    draw_figures(tables, args.families, tolerance, args.output)
