"""What each step reads, writes, keeps in memory and takes, by counts and measured rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from frism.checkpoints.names import layer_of
from frism.injection.operations import cheapest, operations
from frism.planning.fates import fates, merged_bytes
from frism.planning.measurement import Speed, svd_operations
from frism.planning.models import PlannedPair

if TYPE_CHECKING:
    from frism.config.distillation import Distillation
    from frism.config.tree import Subspaces

FLOAT32 = 4
STORED = {"float32": 4, "bfloat16": 2, "float16": 2}
# torch and the interpreter
PROCESS = 400 << 20
# Matrices of the largest one's size in float32 that a step holds at a time: counted in the code,
# held against measured peaks by benchmarks/true_width.py.
MERGE_COPIES = 6
SVD_COPIES = 12
# Tokens of a question about an image with its answer; what the calibration has is not known yet.
TOKENS_PER_QUESTION = 400
# Activations of a layer that its backward pass needs, in units of tokens x hidden size.
ACTIVATIONS = 34


@dataclass(frozen=True)
class Cost:
    """The cost of one step.

    Args:
        step: Name of the step.
        reads: Bytes read.
        writes: Bytes written, which stay on disk.
        memory: Peak memory in bytes, beside the page cache.
        seconds: Time of one process at the measured rates.
        note: What the estimate rests on.
    """

    step: str
    reads: int
    writes: int
    memory: int
    seconds: float
    note: str = ""


def costs(
    pair: PlannedPair, speed: Speed, subspaces: Subspaces, distillation: Distillation
) -> list[Cost]:
    """Returns the cost of each step for a pair.

    Args:
        pair: The models.
        speed: Measured rates.
        subspaces: How task vectors are decomposed.
        distillation: How gates are trained.
    """
    return [
        *_downloads(pair),
        *_decompositions(pair, speed, subspaces),
        _gates(pair, speed, subspaces, distillation),
        merge_cost(pair, speed, "merge"),
        merge_cost(pair, speed, "merge with gates", _subspace_bytes(pair, subspaces)),
    ]


def shapes(pair: PlannedPair) -> list[tuple[int, int]]:
    """Returns the shapes [m, n] of all matrices of the VLM's language model."""
    infos = [pair.vlm.checkpoint.info(own) for own in pair.vlm.matrices.values()]
    return [(info.shape[0], info.shape[1]) for info in infos]


def _downloads(pair: PlannedPair) -> Iterator[Cost]:
    for role, source in pair.sources.items():
        if source.remote:
            note = f"{source.reference}; time depends on the network"
            yield Cost(f"download {role}", source.nbytes, source.nbytes, PROCESS, 0.0, note)


def _decompositions(pair: PlannedPair, speed: Speed, settings: Subspaces) -> Iterator[Cost]:
    for role, base in (("lrm", "base"), ("vlm", "vlm_base")):
        if base not in pair.sources:
            continue
        own = pair.sources[role].model
        matrices = sum(own.checkpoint.info(name).nbytes for name in own.matrices.values())
        work = sum(svd_operations(m, n) for m, n in shapes(pair))
        hashed = pair.sources[role].nbytes + pair.sources[base].nbytes
        writes = _subspace_bytes(pair, settings)
        seconds = work / speed.decompositions + hashed / speed.hashed + writes / speed.written
        largest = max(m * n for m, n in shapes(pair)) * FLOAT32
        memory = PROCESS + SVD_COPIES * largest
        yield Cost(f"svd of the {role}", 2 * matrices, writes, memory, seconds, "all parts")


def _gates(pair: PlannedPair, speed: Speed, subspaces: Subspaces, settings: Distillation) -> Cost:
    tokens = settings.batch_size * TOKENS_PER_QUESTION
    ranks = {(m, n): _rank(m, n, subspaces) for m, n in shapes(pair)}
    work = sum(_step_operations(m, n, ranks[m, n], tokens) for m, n in shapes(pair))
    factors, item = _subspace_bytes(pair, subspaces), STORED[settings.dtype]
    weights = sum(prod(info.shape) for info in pair.vlm.checkpoint.tensors.values()) * item
    return Cost(
        "gates",
        pair.sources["vlm"].nbytes + factors,
        sum(ranks[shape] for shape in shapes(pair)) * FLOAT32,
        PROCESS + weights + factors + _activations(pair, settings, tokens),
        settings.steps * work / speed.multiplications,
        f"{settings.steps} steps, {settings.batch_size} questions of {TOKENS_PER_QUESTION} tokens",
    )


def _step_operations(m: int, n: int, r: int, tokens: int) -> int:
    # the teacher's forward pass, then the gated layer forward and backward
    return tokens * m * n + operations(cheapest(m, n, r, tokens), m, n, r, tokens)


def _activations(pair: PlannedPair, settings: Distillation, tokens: int) -> int:
    layers = 1 + max(layer_of(name) or 0 for name in pair.vlm.matrices)
    held = 1 if settings.gradient_checkpointing else layers
    hidden = max(min(shape) for shape in shapes(pair))
    part = tokens // settings.accumulation
    return part * hidden * held * ACTIVATIONS * STORED[settings.dtype]


def merge_cost(pair: PlannedPair, speed: Speed, step: str, factors: int = 0) -> Cost:
    """Returns the cost of a merge.

    Args:
        pair: The models.
        speed: Measured rates.
        step: What the row is called.
        factors: Bytes of U, S and Vh where the method reads them.
    """
    found = merged_bytes(fates(pair))
    writes = pair.sources["vlm"].nbytes
    total = sum(source.nbytes for source in pair.sources.values())
    largest = max(m * n for m, n in shapes(pair)) * FLOAT32
    weights = sum(m * n for m, n in shapes(pair))
    # U diag(sigma S) Vh of every matrix
    products = sum(min(shape) * prod(shape) for shape in shapes(pair)) if factors else 0
    seconds = (total + writes) / speed.hashed + FLOAT32 * weights / speed.merged
    seconds += writes / speed.written + products / speed.multiplications
    reads = writes + factors + 2 * found.get("matched", 0)
    return Cost(step, reads, writes, PROCESS + MERGE_COPIES * largest, seconds)


def _subspace_bytes(pair: PlannedPair, settings: Subspaces) -> int:
    return sum(
        _rank(m, n, settings) * ((m + n) * STORED[settings.storage] + FLOAT32)
        for m, n in shapes(pair)
    )


def _rank(m: int, n: int, settings: Subspaces) -> int:
    # a rank by energy is known only after the decomposition
    return min(m, n, settings.rank) if settings.rank else min(m, n)
