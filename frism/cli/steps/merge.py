"""`frism merge`: writes a merged checkpoint that transformers loads without frism."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.families import parallel

HELP = "write the merged checkpoint of a method"
GATES_FILE = "gates.safetensors"
OPTIONAL = {
    "gates": "outputs of `frism gates`",
    "vlm-task-vectors": "files of `frism task-vectors --role vlm`",
    "vlm-subspaces": "their decompositions",
    "curvature": "files of `frism curvature`",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    for name, text in (
        ("vlm", "VLM checkpoints"),
        ("base", "base checkpoints"),
        ("lrm", "LRM checkpoints"),
        ("task-vectors", "files of `frism task-vectors`"),
        ("subspaces", "files of `frism svd`"),
        ("output", "directories of the merged checkpoints"),
    ):
        parser.add_argument(f"--{name}", type=Path, nargs="+", required=True, help=text)
    for name, text in OPTIONAL.items():
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], help=text)
    parser.add_argument("--method", required=True, help="merge method")
    parser.add_argument("--parameters", required=True, help="for example lambda=0.4")


def run(args: argparse.Namespace) -> None:
    """Writes the merged checkpoint of each family."""
    from frism.merging.apply import merge_checkpoint
    from frism.merging.sources import MergeFiles
    from frism.methods.registry import method, parse_parameters

    chosen, parameters = method(args.method), parse_parameters(args.parameters)
    nothing = [None] * len(args.vlm)
    families = parallel(
        vlm=args.vlm,
        base=args.base,
        lrm=args.lrm,
        task_vectors=args.task_vectors,
        subspaces=args.subspaces,
        gates=[directory / GATES_FILE for directory in args.gates] or nothing,
        vlm_task_vectors=args.vlm_task_vectors or nothing,
        vlm_subspaces=args.vlm_subspaces or nothing,
        curvature=args.curvature or nothing,
        output=args.output,
    )
    for *files, output in families:
        print(f"{args.method} ({args.parameters}) into {files[0]} -> {output}", flush=True)
        merge_checkpoint(MergeFiles(*files), chosen, parameters, output)
