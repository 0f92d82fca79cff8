"""Where the results of a family lie: the one place that knows the directories by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from frism.errors import DataError
from frism.evaluation.records import Record, read_records
from frism.methods.registry import parameters_slug
from frism.results.candidates import REFERENCES, Candidate

CHANGE = "relative_change"


def unit_directory(family: Path, candidate: Candidate) -> Path:
    """Returns the directory of a candidate, or of a reference, in the directory of a family."""
    if candidate.method in REFERENCES:
        return family / "references" / candidate.method
    return family / "merges" / candidate.method / candidate.parameters


def family_seed(family: Path) -> int:
    """Returns the seed in the name of a family's directory, `seed-3`.

    Raises:
        DataError: The directory has another name.
    """
    prefix, _, seed = family.name.rpartition("-")
    if prefix != "seed" or not seed.isdecimal():
        raise DataError(f"{family}: found the name {family.name!r}, expected seed-<number>")
    return int(seed)


def existing(path: Path) -> Path:
    """Returns `path`.

    Raises:
        DataError: Nothing is there.
    """
    if not path.exists():
        raise DataError(f"{path}: not found, expected the output of an earlier step; run it first")
    return path


def records_on_test(family: Path, candidate: Candidate) -> dict[str, Record]:
    """Returns the records of a candidate on test by benchmark."""
    records = read_records(existing(unit_directory(family, candidate) / "records"))
    return {record.benchmark: record for record in records if record.split == "test"}


def relative_changes(cards: Sequence[Path]) -> dict[Candidate, float]:
    """Reads how far each merge moved the weights from merge cards.

    Returns:
        ||W_merged - W_vlm|| / ||W_vlm||, mean over the cards of a candidate; without the
        candidates whose cards do not say.
    """
    found: dict[Candidate, list[float]] = {}
    for path in cards:
        card = json.loads(existing(path).read_text(encoding="utf-8"))
        candidate = Candidate(card["method"], parameters_slug(card["parameters"]))
        if CHANGE in card:
            found.setdefault(candidate, []).append(float(card[CHANGE]))
    return {candidate: sum(values) / len(values) for candidate, values in found.items()}
