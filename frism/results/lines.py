"""The lines of an experiment's table: what validation chose in each row, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from frism.methods.registry import NO_PARAMETERS
from frism.results.candidates import Candidate, labelled
from frism.results.sweeps import Sweep, SweptRow


@dataclass(frozen=True)
class Line:
    """One line: a row of an experiment at its chosen candidate.

    Args:
        method: Slug of the method.
        row: Slug of the values that rows are grouped by.
        parameters: Slug of the chosen candidate's parameters.
        candidates: How many there were to choose from.
        constraint_met: Whether any of them kept the VLM's perception on validation.
        validation: Reasoning of the chosen one on validation, percent, mean over families.
        undefined: Why the method is not defined for the pair; then the rest says nothing.
    """

    method: str
    row: str = NO_PARAMETERS
    parameters: str = NO_PARAMETERS
    candidates: int = 0
    constraint_met: bool = False
    validation: float = float("nan")
    undefined: str | None = None

    @property
    def candidate(self) -> Candidate:
        """The chosen candidate."""
        return Candidate(self.method, self.parameters)

    @property
    def key(self) -> str:
        """The method, with the row's values if it has several rows: unique in a table."""
        return labelled(self.method, self.row)


def lines_of(sweeps: Iterable[Sweep]) -> tuple[Line, ...]:
    """Returns the lines of all sweeps in their order; an undefined method has one."""
    return tuple(
        line
        for sweep in sweeps
        for line in (
            [Line(sweep.method, undefined=sweep.undefined)]
            if sweep.undefined is not None
            else [_line(sweep, row) for row in sweep.rows]
        )
    )


def best_on_validation(lines: Iterable[Line]) -> Line:
    """Returns the line that reasons best on validation; the first of equals.

    A line whose candidate kept the VLM's perception goes before one whose did not.
    """
    return max(lines, key=lambda each: (each.constraint_met, each.validation))


def _line(sweep: Sweep, row: SweptRow) -> Line:
    chosen = sweep.candidate(row.chosen)
    reasoning = float(np.mean(chosen.reasoning))
    return Line(sweep.method, row.row, row.chosen, row.candidates, row.constraint_met, reasoning)
