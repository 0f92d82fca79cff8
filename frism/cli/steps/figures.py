"""`frism figures`: the figures of one experiment of one pair."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.flags import add_flags, settings_from
from frism.config.tree import Selection
from frism.results.figures.kinds import DESCRIPTIONS, KINDS

HELP = "Draw the figures of one experiment (PNG and SVG) from its tables, gates and subspaces."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    meanings = "; ".join(f"{kind}: {text}" for kind, text in DESCRIPTIONS.items())
    parser.add_argument("--experiment", required=True, metavar="NAME")
    parser.add_argument("--kind", required=True, choices=KINDS, help=meanings)
    parser.add_argument(
        "--by",
        nargs="*",
        default=[],
        metavar="PARAMETER",
        help="parameters whose values make the experiment's rows",
    )
    parser.add_argument(
        "--tables",
        required=True,
        type=Path,
        metavar="DIR",
        help="what `frism tables` wrote for the pair; tables that come with a figure go there, too",
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
    from frism.results.figures.experiment import Experiment

    tolerance = settings_from(args, Selection).perception_tolerance
    data = Experiment(args.experiment, args.tables, tolerance, tuple(args.by))
    print(f"figures: {args.experiment} ({args.kind}) -> {args.output}", flush=True)
    draw_figures(data, args.kind, args.families, args.output)
