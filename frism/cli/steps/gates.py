"""`frism gates`: trains the gates of a method on the VLM's own answers."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from frism.cli.families import parallel
from frism.cli.flags import add_flags, settings_from
from frism.config.tree import Distillation
from frism.errors import MergeError

HELP = "train the gates of a merge method by distillation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    for name, text in (
        ("vlm", "VLM checkpoints"),
        ("subspaces", "files of `frism svd`"),
        ("calibration", "TSV files with index, image (base64) and question"),
        ("output", "directories for gates.safetensors and training.json"),
    ):
        parser.add_argument(f"--{name}", type=Path, nargs="+", required=True, help=text)
    parser.add_argument("--method", required=True, help="method that learns gates")
    parser.add_argument("--parameters", required=True, help="for example alpha=0.3,lambda_lrm=1")
    parser.add_argument("--seed", type=int, default=0, help="order of examples (default: 0)")
    add_flags(parser, Distillation)


def run(args: argparse.Namespace) -> None:
    """Trains and writes the gates of each family."""
    from frism.methods.registry import check_parameters, method, parse_parameters

    settings, chosen = settings_from(args, Distillation), method(args.method)
    parameters = parse_parameters(args.parameters)
    check_parameters(chosen, parameters)
    if chosen.gates is None:
        raise MergeError(f"method '{chosen.slug}' learns no gates; merge it without this step")
    families = parallel(
        vlm=args.vlm, subspaces=args.subspaces, calibration=args.calibration, output=args.output
    )
    for vlm, subspaces, calibration, output in families:
        print(f"gates of {args.method} ({args.parameters}) for {vlm} -> {output}", flush=True)
        _train(vlm, subspaces, calibration, output, chosen.gates, parameters, settings, args.seed)


def _train(
    vlm: Path,
    subspaces: Path,
    calibration: Path,
    output: Path,
    granularity: str,
    parameters: Mapping[str, float],
    settings: Distillation,
    seed: int,
) -> None:
    from frism.distillation.family import Family, train_family
    from frism.distillation.training import Schedule

    schedule = Schedule(
        alpha=parameters["alpha"],
        learning_rate=settings.learning_rate,
        steps=settings.steps,
        batch_size=settings.batch_size,
        normalisation=settings.normalisation,
        seed=seed,
    )
    family = Family(vlm, subspaces, calibration, settings.images)
    train_family(family, granularity, parameters["lambda_lrm"], schedule, output)
