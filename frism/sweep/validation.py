"""All candidates of one family on validation, merged in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

from frism.checkpoints.tensors import TensorFile
from frism.evaluation.evaluator import Evaluator
from frism.merging.origin import ModelHashes
from frism.sweep.averages import Scores, scores_of, validation_groups
from frism.sweep.memory import merge_in_memory
from frism.sweep.plan import Candidate, Plan, SweptFamily
from frism.sweep.resident import Resident

HISTORY_FILE = "training.json"
SECONDS = "seconds"


@dataclass(frozen=True)
class Validated:
    """One candidate of one family.

    Args:
        candidate: which.
        scores: on validation.
        weights: hash of the merged weights.
        change: relative change of the weights.
        gates_seconds: what its gates took, None where it has none or nobody measured.
        merge_seconds: what the merge took.
        answer_seconds: what its answers took, whenever they were given.
    """

    candidate: Candidate
    scores: Scores
    weights: str
    change: float
    gates_seconds: float | None
    merge_seconds: float
    answer_seconds: float


def validate(plan: Plan, family: SweptFamily, hashes: ModelHashes) -> Iterator[Validated]:
    """Yields each candidate of a family with its scores.

    Args:
        plan: the sweep.
        family: one of its families.
        hashes: of that family's models.
    """
    groups = validation_groups(plan.groups)
    resident = Resident(family.files.vlm, plan.settings)
    with Evaluator(family.data, groups, ["validation"], plan.settings, family.store) as evaluator:
        for candidate in plan.candidates:
            start = monotonic()
            files = family.inputs(plan.method, candidate)
            merged = merge_in_memory(files, plan.method, candidate, hashes)
            merging = monotonic() - start
            text = f"{candidate.slug} family {family.number}"
            found = evaluator.measure(merged.weights, resident.holding(merged), "validation", text)
            yield Validated(
                candidate,
                scores_of(found, groups),
                merged.weights,
                merged.change,
                _gates_seconds(plan, family, candidate),
                round(merging, 3),
                round(sum(each.seconds for each in found), 3),
            )


def _gates_seconds(plan: Plan, family: SweptFamily, candidate: Candidate) -> float | None:
    if folder := family.gates(plan.method, candidate):
        history = json.loads((folder / HISTORY_FILE).read_text(encoding="utf-8"))
        return _number(history.get(SECONDS))
    if "curvature" in plan.method.needs and family.files.curvature:
        return _number(TensorFile(family.files.curvature).metadata.get(SECONDS))
    return None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
