"""`frism task-vectors`: what training added to each linear matrix of the base."""

from __future__ import annotations

import argparse
from pathlib import Path

from frism.cli.families import parallel

HELP = "subtract the base from the model that was tuned from it, matrix by matrix"
ROLES = ("lrm", "vlm")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the step; each list has one entry per family."""
    parser.add_argument("--base", type=Path, nargs="+", required=True, help="base checkpoints")
    parser.add_argument("--tuned", type=Path, nargs="+", required=True, help="tuned checkpoints")
    parser.add_argument("--role", choices=ROLES, required=True, help="what the tuned models are")
    parser.add_argument("--output", type=Path, nargs="+", required=True, help="safetensors files")


def run(args: argparse.Namespace) -> None:
    """Writes one file of task vectors per family."""
    for base, tuned, output in parallel(base=args.base, tuned=args.tuned, output=args.output):
        print(f"task vectors: {tuned} - {base} -> {output}", flush=True)
        _subtract(base, tuned, args.role, output)


def _subtract(base: Path, model: Path, role: str, output: Path) -> None:
    from frism.checkpoints.compatibility import match_matrices
    from frism.checkpoints.hashing import weights_hash
    from frism.checkpoints.reader import Checkpoint
    from frism.checkpoints.tensors import write_tensors
    from frism.progress import progress
    from frism.subspaces.task_vector import relative_norm, task_vector

    tuned, start = Checkpoint(model), Checkpoint(base)
    taus, norms = {}, {}
    pairs = match_matrices(tuned, start)
    for name, (ours, theirs) in progress(pairs.items(), "task vectors", len(pairs)):
        weight = start.tensor(theirs)
        taus[name] = task_vector(name, tuned.tensor(ours), weight)
        norms[name] = relative_norm(taus[name], weight)
    metadata = {"base": weights_hash(base), role: weights_hash(model), "relative_norms": norms}
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
