"""`frism eval`: answers and scores of any checkpoint on a suite of benchmarks."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.flags import add_flags, settings_from
from frism.config.places import place
from frism.config.suites import Suite, load_suite
from frism.config.tree import Evaluation
from frism.errors import DataError

HELP = "evaluate a checkpoint on a suite of benchmarks, question by question on record"
EMBEDDED, PREDICTIONS, OUTPUT = "embedded", Path("results/predictions"), Path("results/eval")
# answers of embedded models are short; a chain of thought on a real benchmark is not
LONGEST, LONGEST_EMBEDDED = 4096, 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    parser.add_argument(
        "checkpoint", help="folder of a VLM, or owner/name@revision of one that was downloaded"
    )
    parser.add_argument(
        "--suite", required=True, help="embedded, paper, or a YAML file with benchmarks by group"
    )
    parser.add_argument("--data", type=Path, help="folder with <benchmark>.tsv")
    parser.add_argument(
        "--output", type=Path, help=f"folder of the results (default: {OUTPUT}/<model>/<suite>)"
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        default=PREDICTIONS,
        help="folder that keeps the answers of all models (default: %(default)s)",
    )
    parser.add_argument("--blind", action="store_true", help="show the model no images")
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes that share the questions"
    )
    add_flags(parser, Evaluation)
    parser.set_defaults(max_new_tokens=None)


def run(args: argparse.Namespace) -> None:
    """Checks what can be checked, then asks what is not on record, judges and writes a table."""
    from frism.evaluation.suite.checks import benchmark_files, check_model, data_folder

    checkpoint, suite = Path(place(args.checkpoint)), load_suite(args.suite)
    check_model(checkpoint, args.blind)
    data = data_folder(args.data, checkpoint, suite.names)
    if data is None:
        raise DataError("found no --data")
    files = benchmark_files(data, suite.names)
