"""`frism questions`: the benchmarks and the calibration set of embedded families."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.families import parallel
from frism.cli.flags import add_flags, settings_from
from frism.config.pair_tree import Questions

HELP = "write the benchmarks (VLMEvalKit TSV) and calibration questions of embedded families"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    parser.add_argument("--seeds", type=int, nargs="+", required=True, help="seeds of the families")
    parser.add_argument("--output", type=Path, nargs="+", required=True, help="folders to write")
    add_flags(parser, Questions)


def run(args: argparse.Namespace) -> None:
    """Writes one folder of TSV files per family."""
    settings = settings_from(args, Questions)
    families = list(zip(args.seeds, parallel(output=args.output), strict=True))
    from frism.embedded.benchmarks import write_benchmarks
    from frism.files import atomic_directory

    for seed, (output,) in families:
        print(f"questions of family {seed} -> {output}", flush=True)
        with atomic_directory(output) as directory:
            write_benchmarks(directory, seed, settings.model_dump())
