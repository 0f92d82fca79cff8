"""What each step reads, writes, keeps in memory and takes, by counts and rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, prod
from typing import TYPE_CHECKING

from frism.injection.operations import MATERIALISED, cheapest, operations
from frism.planning.size import STORED, PairSize
from frism.planning.unit_costs import Speed, svd_operations

if TYPE_CHECKING:
    from frism.config.distillation import Distillation
    from frism.config.tree import Subspaces

FLOAT32 = 4
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
        seconds: Time of one process at the given rates.
        note: What the estimate rests on.
        kept: Of the memory what stays beside the CPU where the step runs on a GPU.
    """

    step: str
    reads: int
    writes: int
    memory: int
    seconds: float
    note: str = ""
    kept: int = 0


def costs(
    pair: PairSize, speed: Speed, subspaces: Subspaces, distillation: Distillation
) -> list[Cost]:
    """Returns the cost of each step for a pair.

    Args:
        pair: How large the models are.
        speed: Rates of a process.
        subspaces: How task vectors are decomposed.
        distillation: How gates are trained.
    """
    return [
        *downloads(pair),
        *_decompositions(pair, speed, subspaces),
        gates_cost(pair, speed, subspaces, distillation),
        merge_cost(pair, speed, "merge"),
        merge_cost(pair, speed, "merge with gates", subspace_bytes(pair, subspaces)),
    ]


def downloads(pair: PairSize) -> Iterator[Cost]:
    """Yields the cost of fetching each model whose weights are still on the hub."""
    for role, model in pair.models.items():
        if model.remote:
            note = f"{model.reference}; time depends on the network"
            yield Cost(f"download {role}", model.nbytes, model.nbytes, PROCESS, 0.0, note)


def _decompositions(pair: PairSize, speed: Speed, settings: Subspaces) -> Iterator[Cost]:
    for role, base in (("lrm", "base"), ("vlm", "vlm_base")):
        if base in pair.models:
            yield svd_cost(pair, speed, settings, role, base)


def svd_cost(pair: PairSize, speed: Speed, settings: Subspaces, role: str, base: str) -> Cost:
    """Returns the cost of decomposing all matrices of a role's task vector.

    Args:
        pair: How large the models are.
        speed: Rates of a process.
        settings: How task vectors are decomposed.
        role: `lrm` or `vlm`.
        base: The role of what it was tuned from.
    """
    work = sum(svd_operations(m, n) for m, n in pair.shapes)
    hashed = pair.models[role].nbytes + pair.models[base].nbytes
    writes = subspace_bytes(pair, settings)
    seconds = work / speed.decompositions + hashed / speed.hashed + writes / speed.written
    memory = PROCESS + SVD_COPIES * _largest(pair)
    reads = 2 * pair.models[role].matrices
    return Cost(f"svd of the {role}", reads, writes, memory, seconds, "all parts")


def gates_cost(
    pair: PairSize, speed: Speed, subspaces: Subspaces, settings: Distillation, steps: int = 0
) -> Cost:
    """Returns the cost of training gates: the VLM's answers, then all steps.

    Args:
        pair: How large the models are.
        speed: Rates of a process.
        subspaces: How task vectors are decomposed.
        settings: How gates are trained.
        steps: Steps in place of the settings' own; 0 for these.
    """
    steps = steps or settings.steps
    # of the parts of a step, which are computed one after the other
    tokens = ceil(settings.batch_size / settings.accumulation) * TOKENS_PER_QUESTION
    ranks = [(m, n, rank(m, n, subspaces)) for m, n in pair.shapes]
    work = settings.accumulation * sum(_step_operations(m, n, r, tokens) for m, n, r in ranks)
    answers = settings.images * TOKENS_PER_QUESTION * pair.parameters
    factors, item = subspace_bytes(pair, subspaces), STORED[settings.dtype]
    examples = settings.images * TOKENS_PER_QUESTION * _hidden(pair) * item
    held = pair.parameters * item + factors + _activations(pair, ranks, settings, tokens)
    return Cost(
        "gates",
        pair.models["vlm"].nbytes + factors,
        sum(r for _, _, r in ranks) * FLOAT32,
        PROCESS + held + examples,
        (steps * work + answers) / speed.multiplications,
        f"{steps} steps, {settings.batch_size} questions of {TOKENS_PER_QUESTION} tokens",
        examples + (factors if settings.offload else 0),
    )


def _step_operations(m: int, n: int, r: int, tokens: int) -> int:
    # the teacher's forward pass, then the gated layer forward and backward
    return tokens * m * n + operations(cheapest(m, n, r, tokens), m, n, r, tokens)


def _activations(
    pair: PairSize, ranks: list[tuple[int, int, int]], settings: Distillation, tokens: int
) -> int:
    """Returns what the backward pass needs: activations, and the matrices that were formed."""
    held = 1 if settings.gradient_checkpointing else pair.layers
    formed = sum(m * n for m, n, r in ranks if cheapest(m, n, r, tokens) == MATERIALISED)
    numbers = tokens * _hidden(pair) * held * ACTIVATIONS + formed * held // pair.layers
    return numbers * STORED[settings.dtype]


def merge_cost(
    pair: PairSize, speed: Speed, step: str, factors: int = 0, copies: int = MERGE_COPIES
) -> Cost:
    """Returns the cost of a merge.

    Args:
        pair: How large the models are.
        speed: Rates of a process.
        step: What the row is called.
        factors: Bytes of U, S and Vh where the method reads them.
        copies: Matrices of the largest one's size that the method holds.
    """
    writes = pair.models["vlm"].nbytes
    total = sum(model.nbytes for model in pair.models.values())
    weights = sum(m * n for m, n in pair.shapes)
    # U diag(sigma S) Vh of every matrix
    products = sum(min(shape) * prod(shape) for shape in pair.shapes) if factors else 0
    seconds = (total + writes) / speed.hashed + FLOAT32 * weights / speed.merged
    seconds += writes / speed.written + products / speed.multiplications
    reads = writes + factors + 2 * pair.models["vlm"].matrices
    return Cost(step, reads, writes, PROCESS + copies * _largest(pair), seconds)


def subspace_bytes(pair: PairSize, settings: Subspaces) -> int:
    """Returns the size of U, S and Vh of all matrices as stored."""
    return sum(
        rank(m, n, settings) * ((m + n) * STORED[settings.storage] + FLOAT32)
        for m, n in pair.shapes
    )


def rank(m: int, n: int, settings: Subspaces) -> int:
    """Returns how many directions of a matrix are kept; by energy that is known only afterwards."""
    return min(m, n, settings.rank) if settings.rank else min(m, n)


def _largest(pair: PairSize) -> int:
    return max(m * n for m, n in pair.shapes) * FLOAT32


def _hidden(pair: PairSize) -> int:
    return max(min(shape) for shape in pair.shapes)
