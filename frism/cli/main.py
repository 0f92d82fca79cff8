"""The `frism` command: finds the steps, reads the arguments, turns errors into one message."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from frism import __version__
from frism.cli import steps
from frism.errors import FrismError
from frism.interruption import Interrupted, interruptible

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
# set to 1 where a step has no business on the hub
OFFLINE_VARIABLES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Step(Protocol):
    """What a module of `frism.cli.steps` offers; with `USES_HUB` it may ask the hub."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> None: ...


def discover(wanted: str | None = None) -> dict[str, Step]:
    """Returns the steps by command name (`check_config.py` is `frism check-config`).

    Args:
        wanted: The only one that is needed; all are returned where there is none of that name.
    """
    found = {
        each.name.replace("_", "-"): each.name for each in pkgutil.iter_modules(steps.__path__)
    }
    names = [wanted] if wanted and wanted in found else sorted(found)
    modules = {name: importlib.import_module(f"{steps.__name__}.{found[name]}") for name in names}
    return {name: cast(Step, module) for name, module in modules.items()}


def build_parser(wanted: str | None = None) -> argparse.ArgumentParser:
    """Returns the parser of the command line, one sub-command per step; see `discover`."""
    parser = argparse.ArgumentParser(
        prog="frism", description="Inject the reasoning of an LRM into a VLM by weight merging."
    )
    parser.add_argument("--version", action="version", version=f"frism {__version__}")
    commands = parser.add_subparsers(title="steps", dest="step", metavar="STEP", required=True)
    for name, step in discover(wanted).items():
        command = commands.add_parser(name, help=step.HELP, description=step.HELP)
        command.add_argument(
            "--threads", type=_positive, default=1, metavar="N", help="CPU threads (default: 1)"
        )
        step.add_arguments(command)
        command.set_defaults(run=step.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one step.

    Returns:
        The exit status: 2 for an error that the user can mend, 130 where SIGINT stopped it and 143
        where SIGTERM did.
    """
    with interruptible():
        return _status_of(arguments)


def _status_of(arguments: Sequence[str] | None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    try:
        # other steps would take longer to import than many a step to run
        args = build_parser(next(iter(words), None)).parse_args(words)
        limit_threads(args.threads)
        args.run(args)
    except FrismError as error:
        print(f"frism: {error}", file=sys.stderr)
        return EXIT_ERROR
    except Interrupted as stop:
        print(f"frism: {stop}", file=sys.stderr)
        return stop.status
    except KeyboardInterrupt:
        print("frism: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


def command() -> int:
    """Runs the command line in a process of its own, which ends with it."""
    stay_offline(next(iter(sys.argv[1:]), ""))
    status = main()
    # or Python would look through all objects of the libraries once more
    gc.freeze()
    return status


def stay_offline(name: str) -> None:
    """Keeps libraries from asking the hub, in steps that have all they need on disk.

    On compute nodes without internet each question would wait for a timeout. What is set stays.
    """
    step = discover(name).get(name)
    if step is not None and not getattr(step, "USES_HUB", False):
        for variable in OFFLINE_VARIABLES:
            os.environ.setdefault(variable, "1")


def limit_threads(threads: int) -> None:
    """Limits the maths libraries to `threads` threads; libraries read the variables at import."""
    for variable in THREAD_VARIABLES:
        os.environ[variable] = str(threads)
    # a thread that waits in a loop takes the core from others, such as the one that writes
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(threads)


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number
