"""`frism samples`: sample questions with image, chain and verdict."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Show sample questions of one family with image, chain and verdict (HTML, PNG, SVG)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument(
        "--tables", required=True, type=Path, metavar="DIR", help="what `frism tables` wrote"
    )
    parser.add_argument(
        "--family",
        required=True,
        type=Path,
        metavar="DIR",
        help="directory <pair>/seed-<seed> of the family to show",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="directory of the benchmarks' TSV files (default: data in the family's directory)",
    )
    parser.add_argument("--output", required=True, type=Path, metavar="DIR")


def run(args: argparse.Namespace) -> None:
    """Runs the step."""
    from frism.results.gallery import write_samples
    from frism.results.tableset import read_tables

    tables = read_tables(args.tables, [args.family])
    print(f"samples: {args.family} -> {args.output}", flush=True)
    write_samples(tables, args.family, args.data or args.family / "data", args.output)
