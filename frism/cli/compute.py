"""Flags and settings that say where and in which precision a VLM runs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from frism.config.distillation import Distillation

if TYPE_CHECKING:
    from frism.distillation.compute import Compute


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Adds the flag that lets the code of a checkpoint run."""
    parser.add_argument(
        "--trust-remote-code",
        action="store_true",
        help="run the Python code that comes with the VLM's checkpoint (default: refuse)",
    )


def compute_of(settings: Distillation, trust_remote_code: bool) -> Compute:
    """Returns how a VLM is held in training."""
    from frism.distillation.compute import Compute

    return Compute(
        dtype=settings.dtype,
        device=settings.device,
        offload=settings.offload,
        generation_batch=settings.generation_batch,
        trust_remote_code=trust_remote_code,
    )
