"""`frism tables`: the tables of one experiment, and the verdict on the claim."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.flags import add_flags, settings_from
from frism.config.tree import Selection, Statistics

HELP = "Write the tables of one experiment with intervals, tests and times; put the claim to test."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument(
        "--sweeps",
        nargs="+",
        required=True,
        type=Path,
        metavar="DIR",
        help="what `frism sweep` wrote for each method, in the order of the rows",
    )
    parser.add_argument(
        "--references",
        nargs="+",
        required=True,
        type=Path,
        metavar="DIR",
        help="records of the unmerged models, of all families",
    )
    parser.add_argument(
        "--curvature",
        nargs="*",
        default=[],
        type=Path,
        metavar="FILE",
        help="curvature of each family, for the seconds it took",
    )
    parser.add_argument(
        "--claim", action="store_true", help="write the verdict and the published numbers as well"
    )
    parser.add_argument(
        "--published",
        metavar="NAME",
        help="the pair's name among the published ones (default: its own name)",
    )
    parser.add_argument("--output", required=True, type=Path, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0, help="seed of the bootstrap (default: 0)")
    add_flags(parser, Selection)
    add_flags(parser, Statistics)


def run(args: argparse.Namespace) -> None:
    """Runs the step."""
    from frism.results.analysis import Settings, analyse
    from frism.results.frame import questions_frame, records_below
    from frism.results.names import controls, display_names, layer_level
    from frism.results.output import write_tables, write_times, write_verdict
    from frism.results.sweeps import read_sweeps

    statistics = settings_from(args, Statistics)
    settings = Settings(
        perception_tolerance=settings_from(args, Selection).perception_tolerance,
        confidence=statistics.confidence,
        resamples=statistics.resamples,
        seed=args.seed,
        layer_level=layer_level(),
        controls=controls(),
    )
    sweeps, names = read_sweeps(args.sweeps), display_names()
    print(f"tables: {sweeps[0].experiment}, {len(sweeps)} methods -> {args.output}", flush=True)
    frame = questions_frame([*args.references, *records_below(args.sweeps, sweeps)])
    found = analyse(frame, sweeps, settings)
    write_tables(found, frame, args.output, names)
    for line in write_times(found, args.curvature, args.output, names):
        print(line, flush=True)
    if args.claim:
        key = args.published or found.pair
        print(write_verdict(found, args.output, names, key)[0], flush=True)
