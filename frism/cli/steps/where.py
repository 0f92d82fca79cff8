"""Says where the results of a configuration lie."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.config.load import load

HELP = "Print where the results of a configuration lie."
RESULTS = (("tables", "tables"), ("figures", "figures"), ("report", "report.html"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this step."""
    parser.add_argument("config", nargs="?", type=Path, default=Path("config/config.yaml"))
    parser.add_argument(
        "--list", action="store_true", help="tables, figures and report, a line each"
    )


def run(args: argparse.Namespace) -> None:
    """Prints the results' folder, or what it holds."""
    folder = Path("results", load(args.config).config.name)
    if not args.list:
        print(folder)
        return
    for label, name in RESULTS:
        print(f"{label:8} {folder / name}")
