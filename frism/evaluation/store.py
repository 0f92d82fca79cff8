"""Measurements by the content of what was measured, so that nothing is evaluated twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from frism.checkpoints.hashing import file_hash
from frism.evaluation.conditions import Conditions
from frism.evaluation.records import HASH_CHARACTERS, Measurement, Split
from frism.evaluation.splits import tsv_file
from frism.files import write_text


@dataclass(frozen=True)
class Store:
    """A folder `<first characters of the weights' hash>/<benchmark>_<split>.json` of one family.

    Args:
        folder: where the measurements lie.
        data: the TSV files that models are asked now.
        conditions: how they are asked now.
    """

    folder: Path
    data: Path
    conditions: Conditions

    def find(
        self, weights: str, benchmarks: Sequence[str], split: Split
    ) -> list[Measurement] | None:
        """Returns what was measured of some weights, in the order of the benchmarks.

        Returns:
            None where a benchmark is missing, or was measured under other conditions, on other
            questions or of other weights with the same first characters.
        """
        found = [self._read(weights, benchmark, split) for benchmark in benchmarks]
        kept = [each for each in found if each is not None]
        return kept if len(kept) == len(found) else None

    def put(self, measurements: Iterable[Measurement]) -> None:
        """Writes measurements, each atomically, over those that no longer match."""
        for each in measurements:
            path = self._path(each.weights, each.benchmark, each.split)
            write_text(path, each.model_dump_json(by_alias=True))

    def _read(self, weights: str, benchmark: str, split: Split) -> Measurement | None:
        path = self._path(weights, benchmark, split)
        try:
            found = Measurement.model_validate_json(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValidationError):  # none yet, or of an earlier schema
            return None
        data = file_hash(tsv_file(self.data, benchmark, split))
        current = (found.weights, found.data) == (weights, data)
        conditions = Conditions(found.judge, found.generation, found.code, found.versions)
        return found if current and self.conditions.same(conditions) else None

    def _path(self, weights: str, benchmark: str, split: Split) -> Path:
        return self.folder / weights[:HASH_CHARACTERS] / f"{benchmark}_{split}.json"
