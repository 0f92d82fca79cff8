"""`frism train base|lrm|vlm`: one model of an embedded family, from a seed."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.flags import add_flags, settings_from
from frism.config.pair_tree import TrainingBudget, VlmBudget
from frism.errors import CheckpointError

HELP = "train a model of an embedded family"
BUDGETS: dict[str, type[TrainingBudget]] = {
    "base": TrainingBudget,
    "lrm": TrainingBudget,
    "vlm": VlmBudget,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds one sub-command per model; the LRM and the VLM start from a base."""
    models = parser.add_subparsers(dest="model", required=True, metavar="MODEL")
    for name, budget in BUDGETS.items():
        model = models.add_parser(name, help=f"train the {name}")
        model.add_argument("--seed", type=int, required=True, help="seed of the family")
        if name != "base":
            model.add_argument("--base", type=Path, required=True, help="checkpoint of the base")
        model.add_argument("--output", type=Path, required=True, help="checkpoint to write")
        add_flags(model, budget)


def run(args: argparse.Namespace) -> None:
    """Trains and writes the checkpoint."""
    budget = settings_from(args, BUDGETS[args.model])
    if args.model != "base" and not (args.base / "config.json").is_file():
        raise CheckpointError(
            f"--base: {args.base} holds no config.json; expected the output of `frism train base`"
        )
    print(f"training the {args.model} of family {args.seed} -> {args.output}", flush=True)
    from frism.embedded import family

    if args.model == "base":
        family.make_base(args.output, args.seed, budget)
    elif isinstance(budget, VlmBudget):
        family.make_vlm(args.output, args.seed, budget, args.base)
    else:
        family.make_lrm(args.output, args.seed, budget, args.base)
