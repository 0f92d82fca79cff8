"""Writes or checks the document that is generated from the registry of methods."""

from __future__ import annotations

import argparse

from frism.cli import generated
from frism.cli.methods_document import documents

HELP = "Write the document of all merge methods, or check that it is current."
add_arguments = generated.add_arguments


def run(args: argparse.Namespace) -> None:
    """Writes the file, or names it where it differs."""
    generated.write_or_check(args, documents())
