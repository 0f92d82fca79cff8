"""`frism gates`: trains the gates of a method on the VLM's own answers."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frism.cli.compute import add_trust, compute_of
from frism.cli.families import parallel
from frism.cli.flags import add_flags, settings_from
from frism.cli.requeue import requeued
from frism.config.digest import code_digest
from frism.config.distillation import Distillation
from frism.errors import MergeError

if TYPE_CHECKING:
    from frism.distillation.family import Plan
    from frism.distillation.schedule import Schedule
    from frism.methods.method import Learned, Method

HELP = "train the gates of a merge method on calibration questions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    for name, text in (
        ("vlm", "VLM checkpoints"),
        ("subspaces", "folders of `frism svd`"),
        ("data", "folders with calibration.tsv and calibration_<kind>.tsv"),
        ("output", "directories for gates.safetensors and training.json"),
    ):
        parser.add_argument(f"--{name}", type=Path, nargs="+", required=True, help=text)
    parser.add_argument("--method", required=True, help="method that learns gates")
    parser.add_argument("--parameters", required=True, help="for example alpha=0.3,lambda_lrm=1")
    parser.add_argument("--seed", type=int, default=0, help="order of examples (default: 0)")
    add_trust(parser)
    add_flags(parser, Distillation)


def run(args: argparse.Namespace) -> None:
    """Trains and writes the gates of each family."""
    from frism.methods.registry import completed, method, parse_parameters

    settings, chosen = settings_from(args, Distillation), method(args.method)
    parameters = completed(chosen, parse_parameters(args.parameters))
    if chosen.learned is None or chosen.gates != chosen.slug:
        other = f"takes over the gates of '{chosen.gates}'" if chosen.gates else "learns no gates"
        raise MergeError(f"method '{chosen.slug}' {other}; merge it without training it")
    families = parallel(vlm=args.vlm, subspaces=args.subspaces, data=args.data, output=args.output)
    from frism.distillation.family import train_family
    from frism.distillation.loading import Family

    plan = _plan(chosen, parameters, settings, args)
    images = int(parameters["images"]) or settings.images
    with requeued(), ExitStack() as job:
        for vlm, subspaces, data, output in families:
            print(f"gates of {args.method} ({args.parameters}) for {vlm} -> {output}", flush=True)
            family = Family(vlm, subspaces, data, str(parameters["calibration"]), images)
            train_family(family, plan, output, job)


def _plan(
    chosen: Method, parameters: Mapping[str, Any], settings: Distillation, args: argparse.Namespace
) -> Plan:
    """A parameter of the method goes before the setting of the same name."""
    from frism.distillation.family import Plan
    from frism.injection.design import GateDesign

    assert chosen.learned is not None
    return Plan(
        parameters,
        GateDesign.of(chosen.learned, parameters),
        parameters.get("lambda_lrm", 1.0),
        parameters.get("initial"),
        _schedule(chosen.learned, parameters, settings, args.seed),
        settings.normalisation,
        compute_of(settings, args.trust_remote_code),
        settings.checkpoint_every,
        code_digest(chosen.slug),
    )


def _schedule(
    learned: Learned, parameters: Mapping[str, Any], settings: Distillation, seed: int
) -> Schedule:
    from frism.distillation.schedule import Schedule

    return Schedule(
        objective=learned.objective,
        alpha=parameters.get("alpha", 0.0),
        learning_rate=parameters.get("learning_rate", settings.learning_rate),
        steps=settings.steps,
        batch_size=settings.batch_size,
        seed=seed,
        accumulation=settings.accumulation,
        gradient_checkpointing=settings.gradient_checkpointing,
        validation=settings.validation,
        validate_every=settings.validate_every,
        patience=settings.patience,
    )
