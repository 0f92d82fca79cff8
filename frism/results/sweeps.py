"""sweep.json: what the sweep of one method found on validation, and what the rule chose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from frism.errors import DataError
from frism.results.candidates import Candidate

FILE = "sweep.json"
PerFamily = tuple[float, ...]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Averages(_Entry):
    """Averages of the two visual groups on validation, percent, one per family."""

    reasoning: PerFamily
    perception: PerFamily


class Seconds(_Entry):
    """Seconds per family; `gates` is None where nothing is trained or solved beforehand."""

    gates: PerFamily | None
    merge: PerFamily
    evaluate: PerFamily


class SweptCandidate(Averages):
    """One candidate on validation.

    Attributes:
        parameters: slug of its parameters.
        values: all parameters, optional ones included.
        row: slug of the values that rows are grouped by.
        benchmarks: score of each benchmark, percent, one per family.
        change: ||W_merged - W_vlm|| / ||W_vlm|| per family.
        weights: SHA-256 (hex) of the merged weights per family.
        seconds: what it took.
    """

    parameters: str
    values: dict[str, float | str]
    row: str
    benchmarks: dict[str, PerFamily]
    change: PerFamily
    weights: tuple[str, ...]
    seconds: Seconds


class SweptRow(_Entry):
    """A row of the tables: the candidates that share some values, and the chosen one's slug."""

    row: str
    values: dict[str, float | str]
    chosen: str
    constraint_met: bool
    candidates: int


class Sweep(_Entry):
    """The sweep of one method of one experiment, all families.

    Attributes:
        version: layout of the file, `schema` in JSON.
        undefined: why the method is not defined for the pair, as in `needs ...`, or None.
        vlm: the VLM's averages on validation.
    """

    version: Literal[1] = Field(1, alias="schema")
    pair: str
    experiment: str
    method: str
    families: tuple[int, ...] = Field(min_length=1)
    undefined: str | None
    vlm: Averages | None
    candidates: tuple[SweptCandidate, ...]
    rows: tuple[SweptRow, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.undefined is None and (not self.rows or self.vlm is None):
            raise ValueError("found neither a row nor why the method is undefined")
        if self.undefined is not None and (self.rows or self.candidates):
            raise ValueError("found candidates of a method that is said to be undefined")
        for row in self.rows:
            if row.chosen not in [each.parameters for each in self.in_row(row.row)]:
                raise ValueError(
                    f"row {row.row}: the chosen {row.chosen} is none of its candidates"
                )
        lengths = {len(values) for values in self._per_family()}
        if lengths - {len(self.families)}:
            raise ValueError(f"found lists of {sorted(lengths)} for {len(self.families)} families")
        return self

    def in_row(self, row: str) -> list[SweptCandidate]:
        """Returns the candidates of a row."""
        return [each for each in self.candidates if each.row == row]

    def candidate(self, parameters: str) -> SweptCandidate:
        """Returns the candidate with these parameters, which the sweep must have."""
        return next(each for each in self.candidates if each.parameters == parameters)

    def chosen(self) -> list[Candidate]:
        """Returns the chosen candidate of each row."""
        return [Candidate(self.method, each.chosen) for each in self.rows]

    def _per_family(self) -> list[Sequence[object]]:
        found: list[Sequence[object]] = []
        for each in self.candidates:
            seconds = each.seconds
            found += [each.reasoning, each.perception, each.change, each.weights]
            found += [*each.benchmarks.values(), seconds.merge, seconds.evaluate]
            found += [seconds.gates] if seconds.gates is not None else []
        return found + ([self.vlm.reasoning, self.vlm.perception] if self.vlm else [])


def read_sweep(folder: Path) -> Sweep:
    """Reads the sweep in `folder`.

    Raises:
        DataError: The file is missing, no JSON, or contradicts itself.
    """
    path = folder / FILE
    try:
        return Sweep.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(
            f"cannot read {path}: {error.strerror}; expected what `frism sweep` wrote, run it first"
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"]) or "file"
        raise DataError(
            f"{path} is malformed: {place}: {problem['msg'].lower()}; sweep again"
        ) from error


def read_sweeps(folders: Sequence[Path]) -> list[Sweep]:
    """Reads the sweeps of one experiment of one pair, in the given order.

    Raises:
        DataError: One is missing or malformed, a method comes twice, or they are not all of the
            same experiment, pair and families.
    """
    sweeps = [read_sweep(folder) for folder in folders]
    belongs = {(each.pair, each.experiment, each.families) for each in sweeps}
    if len(belongs) != 1:
        found = "; ".join(f"{p}, {e}, families {f}" for p, e, f in sorted(belongs)) or "no folder"
        raise DataError(f"--sweeps: found {found}; expected one experiment of one pair")
    methods = [each.method for each in sweeps]
    if len(set(methods)) < len(methods):
        raise DataError(f"--sweeps: found {', '.join(methods)}; expected each method once")
    return sweeps
