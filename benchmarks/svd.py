"""Compares the decomposition of task vectors with LAPACK's, in one run; see README.md."""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import NamedTuple

import torch
from table import render

from frism.subspaces.decomposition import (
    Subspace,
    decompose,
    orthogonality_error,
    reconstruction_error,
)

DEFAULT = ("2048x11008", "2048x11008:16", "3584x3584", "896x4864")
HEADER = (
    "matrix",
    "decomposition",
    "seconds",
    "ratio",
    "processor s",
    "ratio",
    "reconstruction",
    "U^T U - I",
    "Vh Vh^T - I",
    "peak, inputs",
)
KIB = 1 << 10


class Matrix(NamedTuple):
    """A random matrix: of full rank, or of a rank and float32's rounding where `rank` is not 0."""

    rows: int
    columns: int
    rank: int

    def __str__(self) -> str:
        """Returns the matrix as `--matrices` takes it."""
        return f"{self.rows}x{self.columns}" + (f":{self.rank}" if self.rank else "")

    def values(self) -> torch.Tensor:
        """Returns the entries, the same ones each time."""
        random = partial(torch.randn, generator=torch.Generator().manual_seed(0))
        if not self.rank:
            return random(self.rows, self.columns)
        return random(self.rows, self.rank) @ random(self.rank, self.columns)


class Measured(NamedTuple):
    """What one decomposition took and how exact it is; see the README for the columns."""

    seconds: float
    processor: float
    reconstruction: float
    left: float
    right: float
    peak: float


def lapack(tau: torch.Tensor) -> Subspace:
    """Returns `torch.linalg.svd` in float32."""
    return Subspace(*torch.linalg.svd(tau, full_matrices=False))


def frism(tau: torch.Tensor) -> Subspace:
    """Returns the decomposition that the workflow uses, its checks and signs included."""
    return decompose("benchmark", tau)


def main() -> None:
    """Decomposes each matrix both ways, in turns, and prints seconds, ratios and errors."""
    args = _arguments()
    rows: list[tuple[object, ...]] = []
    for matrix in args.matrices:
        theirs, ours = _in_turns(matrix, args)
        for name, best in (("torch.linalg.svd", theirs), ("frism", ours)):
            errors = (f"{x:.1e}" for x in (best.reconstruction, best.left, best.right))
            wall = (best.seconds, theirs.seconds / best.seconds)
            processor = (best.processor, theirs.processor / best.processor)
            rows.append((str(matrix), name, *wall, *processor, *errors, best.peak))
    print(f"{args.threads} thread(s), best of {args.repeats}\n")
    print(render(HEADER, rows, args.markdown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--matrices",
        type=_matrix,
        nargs="+",
        default=[_matrix(text) for text in DEFAULT],
        metavar="MxN[:RANK]",
        help=f"shapes, and rank where it is not full ({' '.join(DEFAULT)})",
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1, help="runs of each decomposition")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args()


def _matrix(text: str) -> Matrix:
    shape, _, rank = text.partition(":")
    rows, columns = map(int, shape.split("x"))
    return Matrix(rows, columns, int(rank or 0))


def _in_turns(matrix: Matrix, args: argparse.Namespace) -> tuple[Measured, Measured]:
    """Measures both ways in turns, which spreads a busy moment of the machine over them."""
    taken: dict[Callable[[torch.Tensor], Subspace], list[Measured]] = {lapack: [], frism: []}
    for _ in range(args.repeats):
        for way, runs in taken.items():
            runs.append(_alone(way, matrix, args.threads))
            took = f"{runs[-1].seconds:.2f} s, processor {runs[-1].processor:.2f} s"
            print(f"{matrix} {way.__name__}: {took}", file=sys.stderr)
    return _best(taken[lapack]), _best(taken[frism])


def _best(runs: list[Measured]) -> Measured:
    """Returns the shortest times of the runs; all else is the same in each."""
    return runs[0]._replace(
        seconds=min(run.seconds for run in runs), processor=min(run.processor for run in runs)
    )


def _alone(way: Callable[[torch.Tensor], Subspace], matrix: Matrix, threads: int) -> Measured:
    """Measures in a process of its own, whose peak of memory no earlier run has raised."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_measure, way, matrix, threads).result()


def _measure(way: Callable[[torch.Tensor], Subspace], matrix: Matrix, threads: int) -> Measured:
    torch.set_num_threads(threads)
    tau = matrix.values()
    way(tau[:256, :256].contiguous())  # libraries load at their first use
    before, start, started = _peak(), time.perf_counter(), time.process_time()
    subspace = way(tau)
    seconds, processor = time.perf_counter() - start, time.process_time() - started
    peak = (_peak() - before) / (tau.numel() * tau.element_size())
    u, s, vh = subspace
    left = orthogonality_error(Subspace(u, s, u.T))
    right = orthogonality_error(Subspace(vh.T, s, vh))
    return Measured(seconds, processor, reconstruction_error(tau, subspace), left, right, peak)


def _peak() -> int:
    """Returns the largest memory of this process so far, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB


if __name__ == "__main__":
    main()
