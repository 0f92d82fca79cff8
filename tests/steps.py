"""Steps of the command line as the tests run them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from frism.cli.main import main
from tests.pico import Pico

SETTINGS = ["--steps", "4", "--batch-size", "5", "--images", "12", "--learning-rate", "0.5"]


@dataclass(frozen=True)
class PicoMerge:
    """A pico family with the files that lead to a merge."""

    models: Pico
    subspaces: Path
    gates: Path


def run_step(step: str, *words: str, **flags: object) -> None:
    """Runs a step of the command line and expects it to succeed."""
    arguments = [step, *words]
    for name, value in flags.items():
        arguments += [f"--{name.replace('_', '-')}", str(value)]
    assert main(arguments) == 0


def train_gates_of(
    files: PicoMerge,
    output: Path,
    method: str = "frism",
    parameters: str = "alpha=1+lambda_lrm=1",
    *words: str,
) -> None:
    """Trains gates for a few steps; further words override the settings of all tests."""
    run_step(
        "gates",
        *SETTINGS,
        *words,
        vlm=files.models.vlm,
        subspaces=files.subspaces,
        data=files.models.calibration.parent,
        method=method,
        parameters=parameters,
        output=output,
    )
