"""`frism evaluate`: answers and scores of one model per family, the unmerged ones for example."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from frism.cli.benchmarks import add_benchmarks, benchmarks_from
from frism.cli.families import parallel
from frism.cli.flags import add_flags, settings_from
from frism.config.tree import Evaluation
from frism.evaluation.splits import check_benchmarks
from frism.methods.registry import NO_PARAMETERS, parse_parameters

if TYPE_CHECKING:
    from frism.evaluation.families import Subject
    from frism.evaluation.records import Split

HELP = "evaluate one model per family on the benchmarks and write one record per benchmark split"
SPLITS: dict[str, Split] = {"VAL": "validation", "TEST": "test"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments; those of the first group are lists that run in parallel."""
    lists = parser.add_argument_group("one entry per family")
    for name, text in (
        ("models", "checkpoints"),
        ("data", "folders with the TSV files"),
        ("output", "folders for the records"),
    ):
        lists.add_argument(f"--{name}", nargs="+", type=Path, required=True, help=text)
    lists.add_argument("--families", nargs="+", type=int, required=True, help="family seeds")
    lists.add_argument(
        "--store", nargs="*", type=Path, default=[], help="folders of what was measured before"
    )
    parser.add_argument("--pair", required=True, help="name of the pair")
    parser.add_argument("--method", required=True, help="slug: a method, vlm or lrm")
    parser.add_argument(
        "--parameters", default=NO_PARAMETERS, help="such as alpha=0.3+lambda_lrm=1"
    )
    add_benchmarks(parser)
    parser.add_argument(
        "--splits", nargs="+", choices=SPLITS, default=[*SPLITS], help="validation, test or both"
    )
    parser.add_argument("--blind", action="store_true", help="show the model no images")
    add_flags(parser, Evaluation)


def run(args: argparse.Namespace) -> None:
    """Evaluates the families one after the other; each folder of records appears at once."""
    settings = settings_from(args, Evaluation)
    splits = [SPLITS[name] for name in args.splits]
    subjects, groups = _subjects(args), benchmarks_from(args)
    check_benchmarks(groups, args.data, splits)
    count = sum(len(group.benchmarks) for group in groups.values())
    print(f"{args.method}: {len(subjects)} models, {count} benchmarks, {args.splits}", flush=True)
    from frism.evaluation.families import evaluate_family
    from frism.evaluation.records import write_record
    from frism.files import atomic_directory

    for subject, output in zip(subjects, args.output, strict=True):
        records = evaluate_family(subject, groups, splits, settings)
        with atomic_directory(output) as directory:
            for record in records:
                write_record(record, directory)
                print(f"{record.benchmark} {record.split}: {record.score:.1f}", flush=True)


def _subjects(args: argparse.Namespace) -> list[Subject]:
    from frism.evaluation.families import Subject
    from frism.evaluation.records import Origin

    parameters = parse_parameters(args.parameters)
    families = parallel(
        models=args.models,
        data=args.data,
        output=args.output,
        families=args.families,
        store=args.store or [None] * len(args.models),
    )
    return [
        Subject(model, data, Origin(args.pair, family, args.method, parameters), args.blind, store)
        for model, data, _, family, store in families
    ]
