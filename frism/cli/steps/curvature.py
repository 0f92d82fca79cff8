"""`frism curvature`: how fast the perception loss rises along each singular direction."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.compute import add_trust, compute_of
from frism.cli.families import parallel
from frism.cli.flags import add_flags, settings_from
from frism.config.distillation import Distillation

HELP = "estimate the curvature of the perception loss along each singular direction in one pass"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    for name, text in (
        ("vlm", "VLM checkpoints"),
        ("subspaces", "folders of `frism svd`"),
        ("data", "folders with calibration.tsv"),
        ("output", "files to write"),
    ):
        parser.add_argument(f"--{name}", type=Path, nargs="+", required=True, help=text)
    parser.add_argument("--seed", type=int, default=0, help="random signs (default: 0)")
    add_trust(parser)
    add_flags(parser, Distillation)


def run(args: argparse.Namespace) -> None:
    """Writes the curvature of each family; settings of the training itself do not count."""
    settings = settings_from(args, Distillation)
    batch_size = max(1, settings.batch_size // settings.accumulation)
    families = parallel(vlm=args.vlm, subspaces=args.subspaces, data=args.data, output=args.output)
    from frism.distillation.curvature_file import write_curvature
    from frism.distillation.loading import Family
    from frism.distillation.questions import MIXED

    compute = compute_of(settings, args.trust_remote_code)
    for vlm, subspaces, data, output in families:
        print(f"curvature along {subspaces} for {vlm} -> {output}", flush=True)
        family = Family(vlm, subspaces, data, MIXED, settings.images)
        write_curvature(family, batch_size, args.seed, output, compute)
