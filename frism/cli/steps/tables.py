"""`frism tables`: records to tables and the verdict on the claim."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.flags import add_flags, settings_from
from frism.config.tree import Selection, Statistics

HELP = "Write tables with intervals from evaluation records and put the claim to the test."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument("--records", nargs="+", required=True, type=Path, metavar="DIR")
    parser.add_argument(
        "--merge-cards",
        nargs="*",
        default=[],
        type=Path,
        metavar="FILE",
        help="merge cards; where they tell the relative change of the weights it breaks ties",
    )
    parser.add_argument("--output", required=True, type=Path, metavar="DIR")
    parser.add_argument(
        "--methods-order",
        nargs="*",
        default=[],
        metavar="METHOD",
        help="order of the rows; methods left out follow by name",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the bootstrap (default: 0)")
    add_flags(parser, Selection)
    add_flags(parser, Statistics)


def run(args: argparse.Namespace) -> None:
    """Runs the step."""
    from frism.results.analysis import Settings
    from frism.results.frame import questions_frame
    from frism.results.layout import relative_changes
    from frism.results.names import display_names, finer_than_a_matrix
    from frism.results.output import write_tables

    statistics = settings_from(args, Statistics)
    settings = Settings(
        perception_tolerance=settings_from(args, Selection).perception_tolerance,
        confidence=statistics.confidence,
        resamples=statistics.resamples,
        seed=args.seed,
        methods=tuple(args.methods_order),
        directions=finer_than_a_matrix(),
    )
    print(f"tables: {len(args.records)} directories of records -> {args.output}", flush=True)
    frame = questions_frame(args.records)
    changes = relative_changes(args.merge_cards)
    verdicts = write_tables(frame, args.output, settings, changes, display_names())
    for pair, statements in verdicts.items():
        print(f"{pair}: {statements[0]}", flush=True)
