"""The `frism` command: finds the steps, reads the arguments, turns errors into one message."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from frism import __version__
from frism.cli import steps
from frism.errors import FrismError

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Step(Protocol):
    """What a module of `frism.cli.steps` offers."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> None: ...


def discover() -> dict[str, Step]:
    """Returns the steps by command name (`check_config.py` is `frism check-config`)."""
    names = sorted(module.name for module in pkgutil.iter_modules(steps.__path__))
    modules = {name: importlib.import_module(f"{steps.__name__}.{name}") for name in names}
    return {name.replace("_", "-"): cast(Step, module) for name, module in modules.items()}


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser of the whole command line, one sub-command per step."""
    parser = argparse.ArgumentParser(
        prog="frism", description="Inject the reasoning of an LRM into a VLM by weight merging."
    )
    parser.add_argument("--version", action="version", version=f"frism {__version__}")
    commands = parser.add_subparsers(title="steps", dest="step", metavar="STEP", required=True)
    for name, step in discover().items():
        command = commands.add_parser(name, help=step.HELP, description=step.HELP)
        command.add_argument(
            "--threads", type=_positive, default=1, metavar="N", help="CPU threads (default: 1)"
        )
        step.add_arguments(command)
        command.set_defaults(run=step.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one step; returns the exit status (2: an error the user can mend, 130: interrupted)."""
    try:
        args = build_parser().parse_args(arguments)
        limit_threads(args.threads)
        args.run(args)
    except FrismError as error:
        print(f"frism: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("frism: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


def limit_threads(threads: int) -> None:
    """Limits the maths libraries to `threads` threads; libraries read the variables at import."""
    for variable in THREAD_VARIABLES:
        os.environ[variable] = str(threads)
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(threads)


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number
