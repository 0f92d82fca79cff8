"""`frism samples`: sample questions with image, chain and verdict."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Show sample questions of one family with image, chain and verdict (HTML, PNG, SVG)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    for name, text in (
        ("tables", "what `frism tables` wrote for the pair, with claim.json"),
        ("sweeps", "folder of the experiment, <pair>/experiments/<experiment>"),
        ("family", "directory <pair>/seed-<seed> of the family to show"),
        ("output", "where samples.html, .png and .svg go"),
    ):
        parser.add_argument(f"--{name}", required=True, type=Path, metavar="DIR", help=text)
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="directory of the benchmarks' TSV files (default: data in the family's directory)",
    )


def run(args: argparse.Namespace) -> None:
    """Runs the step."""
    from frism.results.gallery import Source, write_samples

    source = Source(args.tables, args.sweeps, args.family, args.data or args.family / "data")
    print(f"samples: {args.family} -> {args.output}", flush=True)
    write_samples(source, args.output)
