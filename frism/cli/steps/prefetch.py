"""`frism prefetch`: the files of benchmarks, so that evaluations need no network."""

from __future__ import annotations

import argparse

from frism.cli.flags import add_flags, settings_from
from frism.config.prefetch import Prefetch
from frism.config.suites import load_suite
from frism.errors import ConfigError

HELP = "download the files of a suite's benchmarks from VLMEvalKit's addresses, verified, resumable"
USES_HUB = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument("--suite", help="name of a suite or path of its YAML file")
    parser.add_argument(
        "--benchmarks", nargs="+", default=[], metavar="NAME", help="these only, or these too"
    )
    add_flags(parser, Prefetch)
    parser.add_argument(
        "--unverified",
        action="store_true",
        help="keep files whose MD5 is not the one that VLMEvalKit states",
    )


def run(args: argparse.Namespace) -> None:
    """Fetches what is missing and verifies what is there."""
    settings = settings_from(args, Prefetch)
    names = [*(load_suite(args.suite).names if args.suite else ()), *args.benchmarks]
    if not names:
        raise ConfigError("found neither --suite nor --benchmarks; expected one of them")
    from pathlib import Path

    from frism.prefetch.run import prefetch

    unique = list(dict.fromkeys(names))
    prefetch(unique, Path(settings.data), settings.mirror, args.unverified)
    print(f"{len(unique)} benchmarks are in {settings.data}", flush=True)
