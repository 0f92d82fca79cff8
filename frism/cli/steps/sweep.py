"""`frism sweep`: chooses among the candidates of a method and evaluates what was chosen."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from frism.cli.benchmarks import add_benchmarks, benchmarks_from
from frism.cli.families import parallel
from frism.cli.flags import add_flags, settings_from
from frism.cli.key_map import add_key_map
from frism.config.tree import Evaluation, Selection
from frism.evaluation.splits import check_benchmarks

if TYPE_CHECKING:
    from frism.sweep.plan import SweptFamily

HELP = "compare the candidates of a method on validation and evaluate the chosen ones on test"
INPUTS = {
    "vlm": "VLM checkpoints",
    "base": "base checkpoints",
    "lrm": "LRM checkpoints",
    "data": "folders with the TSV files",
    "vlm_records": "folders with the records of the unmerged VLMs",
    "family_folders": "folders of results: gates/ is read; merges/ and store/ are written",
}
OPTIONAL = {
    "subspaces": "folders of `frism svd`, for methods that read singular directions",
    "vlm_base": "what the VLMs were trained from, for methods that need it",
    "vlm_subspaces": "folders of `frism svd --role vlm`, for the same methods",
    "curvature": "files of `frism curvature`, for methods that need it",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments; those of the first group are lists that run in parallel."""
    lists = parser.add_argument_group("one entry per family")
    lists.add_argument("--families", nargs="+", type=int, required=True, help="family seeds")
    for name, text in INPUTS.items():
        lists.add_argument(_flag(name), nargs="+", type=Path, required=True, help=text)
    for name, text in OPTIONAL.items():
        lists.add_argument(_flag(name), nargs="*", type=Path, default=[], help=text)
    parser.add_argument("--pair", required=True, help="name of the pair")
    parser.add_argument("--experiment", required=True, help="name of the experiment")
    parser.add_argument("--method", required=True, help="merge method")
    parser.add_argument(
        "--candidates", nargs="+", required=True, metavar="PARAMETERS", help="such as lambda=0.4"
    )
    parser.add_argument(
        "--by", nargs="*", default=[], metavar="PARAMETER", help="one choice for each value of it"
    )
    add_benchmarks(parser)
    add_key_map(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder of what is found")
    add_flags(parser, Selection)
    add_flags(parser, Evaluation)


def run(args: argparse.Namespace) -> None:
    """Sweeps one method over all families."""
    families, groups = _families(args), benchmarks_from(args)
    check_benchmarks(groups, args.data, ["validation", "test"])
    from frism.methods.registry import method
    from frism.sweep.plan import Plan, plan_candidates
    from frism.sweep.run import run_sweep

    chosen = method(args.method)
    plan = Plan(
        args.pair,
        args.experiment,
        chosen,
        plan_candidates(chosen, args.candidates, args.by),
        families,
        groups,
        settings_from(args, Evaluation),
        settings_from(args, Selection).perception_tolerance,
    )
    count = f"{len(plan.candidates)} candidates, {len(families)} families"
    print(f"{args.experiment}, {args.method}: {count} -> {args.output}", flush=True)
    run_sweep(plan, args.output)


def _families(args: argparse.Namespace) -> list[SweptFamily]:
    from frism.merging.sources import MergeFiles
    from frism.sweep.plan import SweptFamily

    names = [*INPUTS, *OPTIONAL]
    nothing = [None] * len(args.families)
    lists = {name: getattr(args, name) or nothing for name in names}
    found = []
    for number, *paths in parallel(families=args.families, **lists):
        given = dict(zip(names, paths, strict=True))
        own = [given.pop(name) for name in ("data", "vlm_records", "family_folders")]
        found.append(SweptFamily(number, MergeFiles(**given, key_map=args.key_map), *own))
    return found


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
