"""What a sweep is to do: families, candidates and the rows that candidates are grouped in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from frism.config.tree import Evaluation
from frism.errors import ConfigError
from frism.evaluation.records import Groups
from frism.merging.sources import MergeFiles
from frism.methods.method import Method, Value
from frism.methods.registry import completed, parameters_slug, parse_parameters, reduced

GATES_FILE = "gates.safetensors"


@dataclass(frozen=True)
class SweptFamily:
    """One family.

    Args:
        number: its seed.
        files: inputs of its merges, without gates.
        data: folder of its benchmarks.
        vlm_records: folder with the records of its VLM.
        folder: where its results lie: gates, merges and the store of measurements.
    """

    number: int
    files: MergeFiles
    data: Path
    vlm_records: Path
    folder: Path

    @property
    def store(self) -> Path:
        """Folder of what was measured before."""
        return self.folder / "store"

    def gates(self, method: Method, candidate: Candidate) -> Path | None:
        """Returns the folder of a candidate's gates, None where the method learns none."""
        return self.folder / "gates" / method.gates / candidate.slug if method.gates else None

    def inputs(self, method: Method, candidate: Candidate) -> MergeFiles:
        """Returns the inputs of a candidate's merge."""
        gates = self.gates(method, candidate)
        return replace(self.files, gates=gates / GATES_FILE) if gates else self.files

    def merge(self, method: Method, candidate: Candidate) -> Path:
        """Returns where the merged checkpoint of a candidate is written if it is chosen."""
        return self.folder / "merges" / method.slug / candidate.slug / "model"


@dataclass(frozen=True)
class Candidate:
    """One setting of a method's parameters.

    Args:
        slug: its name in paths and tables, without parameters that have their usual value.
        values: all parameters.
        row: those that its row stands for.
    """

    slug: str
    values: dict[str, Value]
    row: dict[str, Value]

    @property
    def given(self) -> dict[str, Value]:
        """The parameters that the slug names."""
        return parse_parameters(self.slug)

    @property
    def row_slug(self) -> str:
        """The name of its row."""
        return parameters_slug(self.row)


@dataclass(frozen=True)
class Plan:
    """A sweep.

    Args:
        pair: name of the pair.
        experiment: name of the experiment.
        method: the method.
        candidates: its candidates.
        families: the families that share one choice.
        groups: benchmarks by group.
        settings: of generation and scoring.
        tolerance: points of perception that a chosen candidate may lose.
    """

    pair: str
    experiment: str
    method: Method
    candidates: Sequence[Candidate]
    families: Sequence[SweptFamily]
    groups: Groups
    settings: Evaluation
    tolerance: float

    @property
    def undefined(self) -> str | None:
        """Why the method is not defined for the pair, to be read after its name, or None."""
        return self.method.undefined(self.families[0].files.given)


def plan_candidates(method: Method, slugs: Sequence[str], by: Sequence[str]) -> list[Candidate]:
    """Reads candidates from their slugs.

    Args:
        method: whose candidates they are.
        slugs: parameters, such as `lambda=0.4`.
        by: parameters whose values make a row; those of other methods have no part in it.

    Raises:
        ConfigError: there is no candidate, or one comes twice.
        MergeError: parameters are wrong.
    """
    candidates = []
    for given in map(parse_parameters, slugs):
        values = completed(method, given)
        row = {name: values[name] for name in by if name in values}
        candidates.append(Candidate(parameters_slug(reduced(method, given)), values, row))
    names = [each.slug for each in candidates]
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"found the candidates {names}; expected at least one and each once")
    return candidates
