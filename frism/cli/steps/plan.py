"""`frism plan`: what merging a pair will do and cost, before anything is done."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.config.load import load_config, load_models, pair_file

HELP = "show which tensors of a pair are merged, what differs between its models, and what it costs"
USES_HUB = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument("pair", help="name of config/pairs/<pair>.yaml, or a YAML file")
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument(
        "--layers",
        type=int,
        default=0,
        metavar="N",
        help="layers whose ||tau||/||W|| is looked at; 0: all (default)",
    )


def run(args: argparse.Namespace) -> None:
    """Prints the plan."""
    named = args.pair.endswith((".yaml", ".yml"))
    pair = load_models(Path(args.pair) if named else pair_file(args.config, args.pair))
    config = load_config(args.config)
    from frism.planning.costs import costs
    from frism.planning.fates import mismatches
    from frism.planning.measurement import measure
    from frism.planning.models import open_pair
    from frism.planning.norms import module_norms
    from frism.planning.report import (
        costs_table,
        fates_table,
        models_table,
        norms_table,
        warnings,
    )

    planned = open_pair(pair)
    _print(models_table(planned), fates_table(planned))
    odd = mismatches(planned)
    norms = []
    if planned.local and not odd:
        names = list(planned.lrm.matrices)
        norms = module_norms(planned.lrm, planned.base, names, args.layers)
        _print(norms_table(norms))
    else:
        _print(["||tau||/||W|| is known when all weights are there"] if not odd else [])
    _print(warnings(planned, norms))
    planned.check()
    speed = measure(Path("results"))
    _print(costs_table(costs(planned.size, speed, config.subspaces, config.distillation)))


def _print(*blocks: list[str]) -> None:
    for block in blocks:
        if block:
            print("\n".join(block), end="\n\n", flush=True)
