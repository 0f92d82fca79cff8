"""The curvature of one family from its files to its file."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from frism.checkpoints.names import secant_key
from frism.checkpoints.tensors import write_tensors
from frism.distillation.compute import DEFAULT, Compute
from frism.distillation.curvature import curvatures
from frism.distillation.loading import Family, load_inputs
from frism.distillation.secant import secants


def write_curvature(
    family: Family,
    batch_size: int,
    seed: int,
    output: Path,
    compute: Compute = DEFAULT,
) -> None:
    """Writes curvatures `<name>` and `<name>.secant` [r] of each direction, atomically.

    Its metadata are content hashes and seconds: `seconds` of the VLM's answers and the slopes, on
    which gates in closed form rest, and `diagonal_seconds` of the other pass.

    Args:
        family: Input files.
        batch_size: Calibration examples of one backward pass.
        seed: Of the estimate's random signs.
        output: File to write.
        compute: Where and in which precision the VLM runs.
    """
    inputs = load_inputs(family, compute)
    start = perf_counter()
    found = curvatures(inputs.model, inputs.subspaces, inputs.examples, batch_size, seed)
    between = perf_counter()
    slopes = secants(inputs.model, inputs.subspaces, inputs.examples, batch_size, compute.offload)
    metadata = family.origin() | {
        "batch_size": batch_size,
        "seed": seed,
        "seconds": inputs.seconds + perf_counter() - between,
        "diagonal_seconds": between - start,
    }
    named = {secant_key(name): slope for name, slope in slopes.items()}
    write_tensors(output, found | named, metadata)
