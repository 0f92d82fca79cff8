"""The chosen candidates: written, loaded again and evaluated on test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from frism.checkpoints.card import CARD_FILE
from frism.checkpoints.hashing import weights_hash
from frism.errors import MergeError
from frism.evaluation.evaluator import Evaluator
from frism.evaluation.records import Origin, Record, record_of
from frism.merging.apply import merge_checkpoint
from frism.merging.origin import ModelHashes, input_hashes
from frism.merging.sources import FileSources
from frism.sweep.plan import Candidate, Plan, SweptFamily
from frism.sweep.resident import load


def evaluate_chosen(
    plan: Plan,
    family: SweptFamily,
    hashes: ModelHashes,
    chosen: Sequence[tuple[Candidate, str]],
) -> Iterator[tuple[Candidate, list[Record]]]:
    """Yields the records of each chosen candidate of a family on test.

    Args:
        plan: the sweep.
        family: one of its families.
        hashes: of that family's models.
        chosen: candidates and the hashes of their weights when they were merged in memory.
    """
    with Evaluator(family.data, plan.groups, ["test"], plan.settings, family.store) as evaluator:
        for candidate, weights in chosen:
            checkpoint = family.merge(plan.method, candidate)
            write_chosen(plan, family, hashes, candidate, weights)
            engine = cache(partial(load, checkpoint, plan.settings))
            text = f"{candidate.slug} family {family.number}"
            found = evaluator.measure(weights, engine, "test", text)
            origin = Origin(plan.pair, family.number, plan.method.slug, candidate.given)
            yield candidate, [record_of(each, origin, plan.groups) for each in found]


def write_chosen(
    plan: Plan, family: SweptFamily, hashes: ModelHashes, candidate: Candidate, weights: str
) -> None:
    """Writes the merged checkpoint of a candidate unless it stands there already.

    Raises:
        MergeError: the checkpoint is not the merge that was evaluated on validation.
    """
    checkpoint = family.merge(plan.method, candidate)
    files = family.inputs(plan.method, candidate)
    expected = {
        "method": plan.method.slug,
        "parameters": candidate.given,
        "weights": hashes.by_role | {"merged": weights},
        "inputs": input_hashes(FileSources(files), plan.method),
    }
    if _states(checkpoint / CARD_FILE, expected) and weights_hash(checkpoint) == weights:
        return
    merge_checkpoint(files, plan.method, candidate.given, checkpoint)
    written = weights_hash(checkpoint)
    if written != weights:
        raise MergeError(
            f"{checkpoint} holds the weights {written}, but the candidate that was chosen on "
            f"validation had {weights}; method '{plan.method.slug}' gives different weights each "
            "time: seed what is random in it"
        )


def _states(card: Path, expected: dict[str, Any]) -> bool:
    try:
        content: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return expected.items() <= content.items()
