"""How fast this machine is at what the steps do, from a second of work."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import torch

from frism.checkpoints.hashing import tensor_bytes, tensor_digest
from frism.files import atomic_file
from frism.planning.unit_costs import Speed, svd_operations
from frism.subspaces.decomposition import decompose
from frism.subspaces.task_vector import task_vector

SIZE = 1024
WRITTEN = 32 << 20


def measure(folder: Path, decompositions: bool = True) -> Speed:
    """Measures the rates; files are written to and removed from `folder`, if it exists.

    Args:
        folder: Where the outputs of the pair will lie.
        decompositions: Whether they are measured, too; that takes the longest.
    """
    long, short = (SIZE, SIZE // 2) if decompositions else (2, 1)
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(SIZE, SIZE, generator=generator) for _ in range(2))
    return Speed(
        SIZE**3 / _seconds(lambda: a @ b),
        svd_operations(short, long) / _seconds(lambda: decompose("", a[:short, :long])),
        a.nbytes / _seconds(lambda: _merge(a, b)),
        a.nbytes / _seconds(lambda: tensor_digest(a)),
        WRITTEN / _seconds(lambda: _write(folder), 1),
    )


def _merge(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    merged = a + 0.5 * task_vector("", a, b)
    return torch.where(merged == a, a, merged)


def _write(folder: Path) -> None:
    data = tensor_bytes(torch.zeros(WRITTEN, dtype=torch.uint8))
    base = folder if folder.is_dir() else Path(tempfile.gettempdir())
    with (
        tempfile.TemporaryDirectory(dir=base, prefix=".frism-plan.") as place,
        atomic_file(Path(place) / "trial") as temporary,
    ):
        temporary.write_bytes(data)


def _seconds(work: Callable[[], object], repetitions: int = 3) -> float:
    """Returns the shortest of some runs, the first of which only warms up."""
    times = []
    for _ in range(repetitions + 1):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return max(min(times[1:]), 1e-9)
