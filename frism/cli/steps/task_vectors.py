"""`frism task-vectors`: what training added to each linear matrix of the base."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.families import parallel

HELP = "subtract the base from the LRM, matrix by matrix"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    parser.add_argument("--base", type=Path, nargs="+", required=True, help="base checkpoints")
    parser.add_argument("--lrm", type=Path, nargs="+", required=True, help="LRM checkpoints")
    parser.add_argument("--output", type=Path, nargs="+", required=True, help="safetensors files")


def run(args: argparse.Namespace) -> None:
    """Writes one file of task vectors per family."""
    for base, lrm, output in parallel(base=args.base, lrm=args.lrm, output=args.output):
        print(f"task vectors: {lrm} - {base} -> {output}", flush=True)
        _subtract(base, lrm, output)


def _subtract(base: Path, lrm: Path, output: Path) -> None:
    from frism.checkpoints.compatibility import match_matrices
    from frism.checkpoints.hashing import weights_hash
    from frism.checkpoints.reader import Checkpoint
    from frism.checkpoints.tensors import write_tensors
    from frism.progress import progress
    from frism.subspaces.task_vector import relative_norm, task_vector

    tuned, start = Checkpoint(lrm), Checkpoint(base)
    taus, norms = {}, {}
    pairs = match_matrices(tuned, start)
    for name, (ours, theirs) in progress(pairs.items(), "task vectors", len(pairs)):
        weight = start.tensor(theirs)
        taus[name] = task_vector(name, tuned.tensor(ours), weight)
        norms[name] = relative_norm(taus[name], weight)
    metadata = {"base": weights_hash(base), "lrm": weights_hash(lrm), "relative_norms": norms}
    write_tensors(output, taus, metadata)
    _print_norms(norms)


def _print_norms(norms: dict[str, float]) -> None:
    from frism.checkpoints.names import split_name

    layers: dict[int, list[float]] = {}
    for name, norm in norms.items():
        layers.setdefault(split_name(name)[0], []).append(norm)
    for layer, values in sorted(layers.items()):
        mean = sum(values) / len(values)
        print(f"  layer {layer}: mean ||tau|| / ||W|| = {mean:.4f}, largest {max(values):.4f}")
