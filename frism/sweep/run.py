"""A whole sweep, from the inputs of all families to `sweep.json` and the records on test."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import monotonic

from frism.evaluation.records import Record, write_record
from frism.files import atomic_directory, write_text
from frism.merging.origin import ModelHashes
from frism.results.sweeps import FILE, Sweep
from frism.sweep.averages import reference_scores
from frism.sweep.choice import Table, chosen_candidates, chosen_sweep, undefined_sweep
from frism.sweep.chosen import evaluate_chosen
from frism.sweep.plan import Candidate, Plan
from frism.sweep.validation import Validated, validate

RECORDS = "records"


def run_sweep(plan: Plan, output: Path) -> None:
    """Compares the candidates, evaluates the chosen ones and writes what was found to `output`.

    `sweep.json` comes last: where it stands, the records are complete. A sweep that was cut short
    finds what it had measured in the families' stores.

    Raises:
        MergeError: an input is stale, or a merge failed.
        DataError: the VLM's records are not those of these questions.
    """
    (output / FILE).unlink(missing_ok=True)
    if reason := plan.undefined:
        print(f"not defined: {plan.method.name} {reason}", flush=True)
        _write(output, undefined_sweep(plan, reason), ())
        return
    start = monotonic()
    hashes = [ModelHashes.of(family.files) for family in plan.families]
    vlm = [
        reference_scores(family.vlm_records, known.vlm, family.data, plan.groups)
        for family, known in zip(plan.families, hashes, strict=True)
    ]
    table = [
        [_told(found, family.number) for found in validate(plan, family, known)]
        for family, known in zip(plan.families, hashes, strict=True)
    ]
    sweep = chosen_sweep(plan, vlm, table)
    middle = monotonic()
    records = _test(plan, hashes, sweep, table)
    _write(output, sweep, records)
    _print_times(table, middle - start, monotonic() - middle)


def _test(
    plan: Plan, hashes: list[ModelHashes], sweep: Sweep, table: Table
) -> list[tuple[Candidate, Record]]:
    chosen = chosen_candidates(plan, sweep)
    found: list[tuple[Candidate, Record]] = []
    for family, known, column in zip(plan.families, hashes, table, strict=True):
        weights = {each.candidate.slug: each.weights for each in column}
        pairs = [(each, weights[each.slug]) for each in chosen]
        for candidate, records in evaluate_chosen(plan, family, known, pairs):
            scores = " ".join(f"{each.benchmark} {each.score:.1f}" for each in records)
            print(f"family {family.number}, {candidate.slug} on test: {scores}", flush=True)
            found += [(candidate, record) for record in records]
    return found


def _write(output: Path, sweep: Sweep, records: Iterable[tuple[Candidate, Record]]) -> None:
    with atomic_directory(output / RECORDS) as directory:
        for candidate, record in records:
            write_record(record, directory / candidate.row_slug / str(record.family))
    write_text(output / FILE, sweep.model_dump_json(by_alias=True, indent=1) + "\n")


def _told(found: Validated, family: int) -> Validated:
    print(
        f"family {family}, {found.candidate.slug} on validation: "
        f"reasoning {found.scores.reasoning:.1f}, perception {found.scores.perception:.1f}, "
        f"change {found.change:.3f} "
        f"(merge {found.merge_seconds:.2f} s, answers {found.answer_seconds:.2f} s)",
        flush=True,
    )
    return found


def _print_times(table: Table, validation: float, test: float) -> None:
    every = [found for column in table for found in column]
    merging = sum(found.merge_seconds for found in every)
    print(
        f"validation {validation:.1f} s for {len(every)} candidates (merging {merging:.1f} s), "
        f"test {test:.1f} s",
        flush=True,
    )
