"""`frism calibration`: calibration questions from a benchmark, a dataset or a folder of images."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.flags import add_flags, settings_from
from frism.config.calibration import Calibration
from frism.config.distillation import Distillation

HELP = "draw calibration questions from a benchmark, a dataset or a folder of images"
USES_HUB = True
IMAGES: int = Distillation().images


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; the source's are the keys of a pair's `calibration`."""
    parser.add_argument(
        "--count", type=int, default=IMAGES, help="questions (default: %(default)s)"
    )
    parser.add_argument(
        "--least", type=int, help="fewer than --count are enough where a source has no more"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the choice (default: 0)")
    parser.add_argument("--output", type=Path, required=True, help="folder for calibration.tsv")
    add_flags(parser, Calibration)


def run(args: argparse.Namespace) -> None:
    """Draws the questions and writes them where `frism gates --data` reads them."""
    source = settings_from(args, Calibration)
    from frism.distillation.questions import MIXED, calibration_file
    from frism.distillation.sources.drawing import draw_questions, write_questions
    from frism.files import atomic_directory, refuse_foreign

    refuse_foreign(args.output, calibration_file(MIXED))
    questions = draw_questions(source, args.count, args.seed, args.least)
    with atomic_directory(args.output) as directory:
        write_questions(questions, source, args.seed, directory)
    print(f"{len(questions)} calibration questions of {source} -> {args.output}", flush=True)
