"""Writes or checks the files that are generated from the configuration's types."""

from __future__ import annotations

import argparse

from frism.cli import generated
from frism.config.document import documents

HELP = "Write the default configuration, its schema and its table, or check that they are current."
add_arguments = generated.add_arguments


def run(args: argparse.Namespace) -> None:
    """Writes the files, or names those that differ."""
    generated.write_or_check(args, documents())
