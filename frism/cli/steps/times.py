"""`frism times`: where the time of a run went, for one pair."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Sum Snakemake's benchmarks of a run by kind of job; writes times.csv and times.md."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument(
        "--logs", required=True, type=Path, metavar="DIR", help="logs and benchmarks of one pair"
    )
    parser.add_argument("--output", required=True, type=Path, metavar="DIR")


def run(args: argparse.Namespace) -> None:
    """Runs the step."""
    from frism.files import write_text
    from frism.results.formats import markdown, write_csv
    from frism.results.jobs import jobs_cells, jobs_note, jobs_table

    jobs = jobs_table(args.logs)
    text = markdown(jobs_cells(jobs), [jobs_note(jobs)])
    write_csv(args.output / "times.csv", jobs)
    write_text(args.output / "times.md", text)
    print(text, end="", flush=True)
