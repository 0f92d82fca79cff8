"""`frism svd`: singular subspaces of the task vectors."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.families import parallel
from frism.cli.flags import add_flags, settings_from
from frism.cli.steps.task_vectors import ROLES
from frism.config.tree import Subspaces

HELP = "decompose task vectors into singular subspaces"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    parser.add_argument(
        "--task-vectors", type=Path, nargs="+", required=True, help="files of `frism task-vectors`"
    )
    parser.add_argument("--output", type=Path, nargs="+", required=True, help="safetensors files")
    add_flags(parser, Subspaces)


def run(args: argparse.Namespace) -> None:
    """Writes one file of subspaces per family."""
    settings = settings_from(args, Subspaces)
    for taus, output in parallel(task_vectors=args.task_vectors, output=args.output):
        print(f"subspaces of {taus} -> {output} ({settings.dtype})", flush=True)
        _decompose(taus, output, settings)


def _decompose(taus: Path, output: Path, settings: Subspaces) -> None:
    import torch

    from frism.checkpoints.subspace_file import write_subspaces
    from frism.checkpoints.tensors import TensorFile
    from frism.progress import progress
    from frism.subspaces.decomposition import decompose

    file = TensorFile(taus)
    dtype = {"float32": torch.float32, "float64": torch.float64}[settings.dtype]
    subspaces = {
        name: decompose(name, file[name], dtype)
        for name in progress(file.tensors, "decompositions")
    }
    metadata = {key: file.metadata[key] for key in ("base", *ROLES) if key in file.metadata}
    write_subspaces(output, subspaces, metadata)
