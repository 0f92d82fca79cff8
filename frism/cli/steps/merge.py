"""`frism merge`: writes a merged checkpoint that transformers loads without frism."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from frism.cli.families import parallel
from frism.cli.key_map import add_key_map
from frism.heap import keep_heap_small

HELP = "write the merged checkpoint of a method"
GATES_FILE = "gates.safetensors"
OPTIONAL = {
    "gates": "outputs of `frism gates`",
    "subspaces": "folders of `frism svd`",
    "vlm-base": "language models that the VLMs were trained from",
    "vlm-subspaces": "folders of `frism svd --role vlm`",
    "curvature": "files of `frism curvature`",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    for name, text in (
        ("vlm", "VLM checkpoints"),
        ("base", "base checkpoints"),
        ("lrm", "LRM checkpoints"),
        ("output", "directories of the merged checkpoints"),
    ):
        parser.add_argument(f"--{name}", type=Path, nargs="+", required=True, help=text)
    for name, text in OPTIONAL.items():
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], help=text)
    parser.add_argument("--method", required=True, help="merge method")
    parser.add_argument("--parameters", required=True, help="for example lambda=0.4")
    add_key_map(parser)


def run(args: argparse.Namespace) -> None:
    """Writes the merged checkpoint of each family."""
    from frism.checkpoints.hashing import hashed_ahead
    from frism.methods.registry import method, parse_parameters

    keep_heap_small()
    chosen, parameters = method(args.method), parse_parameters(args.parameters)
    nothing = [None] * len(args.vlm)
    families = parallel(
        vlm=args.vlm,
        base=args.base,
        lrm=args.lrm,
        subspaces=args.subspaces or nothing,
        gates=[directory / GATES_FILE for directory in args.gates] or nothing,
        vlm_base=args.vlm_base or nothing,
        vlm_subspaces=args.vlm_subspaces or nothing,
        curvature=args.curvature or nothing,
        output=args.output,
    )
    with hashed_ahead([*args.vlm, *args.base, *args.lrm, *args.vlm_base]) as hash_of:
        # torch takes about as long to import as a processor to hash a small model
        from frism.merging.apply import merge_checkpoint
        from frism.merging.sources import FileSources, MergeFiles
        from frism.planning.merge import merge_plan

        for *paths, output in families:
            print(f"{args.method} ({args.parameters}) into {paths[0]} -> {output}", flush=True)
            files = replace(MergeFiles(*paths), key_map=args.key_map)
            print("\n".join(merge_plan(FileSources(files), chosen, output)), flush=True)
            merge_checkpoint(files, chosen, parameters, output, hash_of)
