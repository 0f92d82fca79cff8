"""The flag that names where a VLM keeps its language model."""

from __future__ import annotations

import argparse
import json
import re


def add_key_map(parser: argparse.ArgumentParser) -> None:
    """Adds `--key-map`, JSON with regular expressions and replacements as in a pair's YAML."""
    parser.add_argument(
        "--key-map",
        type=parse_key_map,
        metavar="JSON",
        help="""key_map of the pair, such as '{"^text_model\\\\.": "model."}'""",
    )


def parse_key_map(text: str) -> dict[str, str]:
    """Reads the flag's value.

    Raises:
        argparse.ArgumentTypeError: it is no mapping of regular expressions to text.
    """
    try:
        content = json.loads(text)
        for pattern, replacement in content.items():
            re.sub(pattern, replacement, "")
    except (ValueError, AttributeError, TypeError, re.error) as error:
        raise argparse.ArgumentTypeError(
            f"found {text}: {error}; expected JSON, patterns to replacements"
        ) from None
    found: dict[str, str] = content
    return found
