"""Documents that steps generate: written anew, or checked to be current."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from frism.errors import ConfigError
from frism.files import write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of a step that generates documents."""
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write the files that are not current")
    mode.add_argument("--check", action="store_true", help="fail where a file is not current")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository (default: .)")


def write_or_check(args: argparse.Namespace, documents: Mapping[Path, str]) -> None:
    """Writes the documents that are not current, or names them.

    Args:
        args: The arguments of the step.
        documents: Text of each file by its path in the repository.

    Raises:
        ConfigError: A file is not current and only a check was asked for.
    """
    stale = [path for path, text in documents.items() if _text(args.root / path) != text]
    if args.check and stale:
        names = ", ".join(map(str, stale))
        raise ConfigError(f"found stale files: {names}; run `frism {args.step} --write`")
    for path in stale:
        write_text(args.root / path, documents[path])
        print(f"wrote {args.root / path}")


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
