"""The family of models that a benchmark uses."""

from __future__ import annotations

import argparse
from pathlib import Path

DEFAULT = "results/embedded/embedded/seed-7"


def add_family(parser: argparse.ArgumentParser) -> None:
    """Adds `--family`, the folder of a family that the workflow has finished."""
    parser.add_argument(
        "--family", type=_finished, default=DEFAULT, help=f"folder of a family ({DEFAULT})"
    )


def _finished(text: str) -> Path:
    if not (Path(text) / "subspaces").is_dir():
        raise argparse.ArgumentTypeError(
            f"{text} holds no subspaces; expected a family that the workflow has "
            "finished: run `make run` first, or name another"
        )
    return Path(text)
