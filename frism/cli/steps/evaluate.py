"""`frism evaluate`: answers and scores of merged or reference models, one per family."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from frism.cli.flags import add_flags, settings_from
from frism.config.tree import Evaluation
from frism.errors import DataError
from frism.methods.registry import NO_PARAMETERS, parse_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frism.evaluation.families import Subject
    from frism.evaluation.records import Group

HELP = "evaluate one model per family on the benchmarks and write one record per benchmark split"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments; the lists of models, data, output and families run in parallel."""
    lists = parser.add_argument_group("one entry per family")
    lists.add_argument("--models", nargs="+", type=Path, required=True, help="checkpoints")
    lists.add_argument(
        "--data", nargs="+", type=Path, required=True, help="folders with the TSV files"
    )
    lists.add_argument(
        "--output", nargs="+", type=Path, required=True, help="folders for the records"
    )
    lists.add_argument("--families", nargs="+", type=int, required=True, help="family seeds")
    parser.add_argument("--pair", required=True, help="name of the pair")
    parser.add_argument("--method", required=True, help="slug: a method, vlm or lrm")
    parser.add_argument(
        "--parameters", default=NO_PARAMETERS, help="such as alpha=0.3,lambda_lrm=1"
    )
    for group in ("reasoning", "perception", "text"):
        parser.add_argument(f"--{group}", nargs="*", default=[], help=f"{group} benchmarks")
    parser.add_argument(
        "--splits", nargs="+", choices=("VAL", "TEST"), default=["VAL", "TEST"], help="splits"
    )
    parser.add_argument("--blind", action="store_true", help="show the model no images")
    add_flags(parser, Evaluation)


def run(args: argparse.Namespace) -> None:
    """Evaluates the families one after the other; each folder of records appears at once."""
    settings = settings_from(args, Evaluation)
    benchmarks: dict[Group, Sequence[str]] = {
        "reasoning": args.reasoning,
        "perception": args.perception,
        "text": args.text,
    }
    _check(args, benchmarks)
    parameters = parse_parameters(args.parameters)
    from frism.evaluation.families import evaluate_family
    from frism.evaluation.records import write_record
    from frism.files import atomic_directory

    for subject, output in zip(_subjects(args, parameters), args.output, strict=True):
        records = evaluate_family(subject, benchmarks, args.splits, settings)
        with atomic_directory(output) as directory:
            for record in records:
                write_record(record, directory)
                print(f"{record.benchmark} {record.split}: {record.score:.1f}", flush=True)


def _subjects(args: argparse.Namespace, parameters: dict[str, float]) -> list[Subject]:
    from frism.evaluation.families import Subject

    return [
        Subject(model, data, args.pair, family, args.method, parameters, args.blind)
        for model, data, family in zip(args.models, args.data, args.families, strict=True)
    ]


def _check(args: argparse.Namespace, benchmarks: dict[Group, Sequence[str]]) -> None:
    lengths = {name: len(getattr(args, name)) for name in ("models", "data", "output", "families")}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"--{name} has {length}" for name, length in lengths.items())
        raise DataError(f"{found}; expected one entry per family in each")
    names = [name for group in benchmarks.values() for name in group]
    if not names or len(names) != len(set(names)):
        raise DataError(f"found benchmarks {names}, expected at least one and each once")
    wanted = [model / "config.json" for model in args.models]
    wanted += [
        data / f"{name}_{split}.tsv"
        for data in args.data
        for name in names
        for split in args.splits
    ]
    missing = [str(path) for path in wanted if not path.is_file()]
    if missing:
        raise DataError(f"{len(missing)} files are missing, expected {', '.join(missing[:4])}")
    print(f"{args.method}: {len(args.models)} models, {len(names)} benchmarks, {args.splits}")
