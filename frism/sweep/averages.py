"""Averages on validation: what candidates are compared by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from frism.checkpoints.hashing import file_hash
from frism.config.suites import Group
from frism.errors import DataError
from frism.evaluation.records import Groups, Measurement, read_records
from frism.evaluation.splits import tsv_file

VALIDATION_GROUPS: tuple[Group, ...] = ("reasoning", "perception")


@dataclass(frozen=True)
class Scores:
    """Scores of one model of one family on validation, percent.

    Args:
        benchmarks: mean hit of each benchmark.
        reasoning: mean of the reasoning benchmarks.
        perception: mean of the perception benchmarks.
    """

    benchmarks: dict[str, float]
    reasoning: float
    perception: float


def validation_groups(groups: Groups) -> Groups:
    """Returns the benchmarks that candidates are compared on.

    Raises:
        DataError: a group that the rule needs is empty.
    """
    if empty := [group for group in VALIDATION_GROUPS if group not in groups]:
        raise DataError(f"found no benchmark of {' and '.join(empty)}; candidates need both groups")
    return {group: groups[group] for group in VALIDATION_GROUPS}


def scores_of(measurements: Iterable[Measurement], groups: Groups) -> Scores:
    """Returns the scores of a model that was measured on all benchmarks of the groups."""
    found = {each.benchmark: 100 * fmean(q.hit for q in each.questions) for each in measurements}
    averages = {
        group: fmean(found[name] for name in groups[group].benchmarks)
        for group in VALIDATION_GROUPS
    }
    return Scores(found, **averages)


def reference_scores(folder: Path, weights: str, data: Path, groups: Groups) -> Scores:
    """Reads the scores of the unmerged VLM.

    Args:
        folder: its records.
        weights: hash of the VLM's weights.
        data: folder of the family's benchmarks.
        groups: benchmarks by group.

    Raises:
        DataError: a record is missing, or is of another model or other questions.
    """
    known = {each.benchmark: each for each in read_records(folder) if each.split == "validation"}
    names = [name for group in validation_groups(groups).values() for name in group.benchmarks]
    for name in names:
        if name not in known:
            raise DataError(f"{folder} has no record of {name} on validation; evaluate the VLM")
        expected = weights, file_hash(tsv_file(data, name, "validation"))
        if (known[name].weights, known[name].data) != expected:
            raise DataError(
                f"{folder}: the record of {name} on validation is of other weights or questions "
                "than those of this sweep; evaluate the VLM again"
            )
    return scores_of([known[name] for name in names], groups)
