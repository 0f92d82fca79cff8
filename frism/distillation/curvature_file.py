"""The curvature of one family from its files to its file."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from frism.checkpoints.tensors import write_tensors
from frism.distillation.curvature import curvatures
from frism.distillation.loading import Family, load_inputs


def write_curvature(family: Family, batch_size: int, seed: int, output: Path) -> None:
    """Writes h of each direction, `<name>` [r], with seconds and content hashes, atomically.

    Args:
        family: Input files.
        batch_size: Calibration examples of one backward pass.
        seed: Of the estimate's random signs.
        output: File to write.
    """
    inputs = load_inputs(family)
    start = perf_counter()
    found = curvatures(inputs.model, inputs.subspaces, inputs.examples, batch_size, seed)
    taken = perf_counter() - start
    metadata = family.origin() | {
        "batch_size": batch_size,
        "seed": seed,
        "seconds": inputs.seconds + taken,
        "preparation_seconds": inputs.seconds,
        "pass_seconds": taken,
    }
    write_tensors(output, found, metadata)
