"""`frism compare`: a VLM against its merges, from the results of `frism eval`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from frism.evaluation.suite.results import BenchmarkResult

HELP = "table of a VLM against its merges, from the results of `frism eval`"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    parser.add_argument(
        "results",
        type=Path,
        nargs="+",
        help="folders of results: the VLM's first, then of merges, named by their last two parts, "
        "<method>/<parameters>",
    )
    parser.add_argument("--title", default="VLM and merges", help="headline")
    parser.add_argument("--output", type=Path, required=True, help="folder of the tables")


def run(args: argparse.Namespace) -> None:
    """Writes evaluations.csv and evaluations.md."""
    from frism.evaluation.suite.comparison import comparison_table, write_comparison

    vlm, *merges = args.results
    found = {f"{folder.parent.name} {folder.name}": _results(folder) for folder in merges}
    table = comparison_table(_results(vlm), found)
    print(write_comparison(table, args.output, args.title), flush=True)


def _results(folder: Path) -> dict[str, BenchmarkResult]:
    from frism.evaluation.suite.results import read_results

    return {result.benchmark: result for result in read_results(folder)}
