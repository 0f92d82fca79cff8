"""Writes or checks the files that are generated from the configuration's types."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.config.document import documents
from frism.errors import ConfigError
from frism.files import write_text

HELP = "Write the default configuration, its schema and its table, or check that they are current."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of this step."""
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write the files with all defaults")
    mode.add_argument("--check", action="store_true", help="fail where a file is not current")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository (default: .)")


def run(args: argparse.Namespace) -> None:
    """Writes the files, or names those that differ."""
    stale = [path for path, text in documents().items() if _text(args.root / path) != text]
    if args.check and stale:
        names = ", ".join(map(str, stale))
        raise ConfigError(f"found stale files: {names}; run `frism config-docs --write`")
    for path in stale:
        write_text(args.root / path, documents()[path])
        print(f"wrote {args.root / path}")


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
