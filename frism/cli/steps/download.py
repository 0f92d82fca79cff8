"""`frism download`: a model of the Hugging Face hub as a checkpoint folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.errors import ConfigError
from frism.hub.reference import parse_reference

HELP = "download the needed files of a model from the Hugging Face hub, verified and resumable"
USES_HUB = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the step."""
    parser.add_argument("--model", required=True, metavar="REF", help="owner/name@revision")
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder to make")
    parser.add_argument(
        "--allow-pickle",
        action="store_true",
        help="where there are no safetensors, read pickle weights (weights_only) and convert them",
    )
    parser.add_argument(
        "--trust-remote-code", action="store_true", help="download the model's Python files, too"
    )


def run(args: argparse.Namespace) -> None:
    """Downloads what the client's cache lacks and links it into the folder."""
    model = parse_reference(args.model)
    if model is None:
        raise ConfigError(
            f"--model: found '{args.model}', a local path; expected a model of the hub, "
            "owner/name@revision"
        )
    from frism.hub.download import download

    commit = download(
        model,
        args.output,
        allow_pickle=args.allow_pickle,
        trust_remote_code=args.trust_remote_code,
    )
    print(f"{model.at(commit)} is in {args.output}", flush=True)
