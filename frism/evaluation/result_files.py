"""The files that VLMEvalKit's evaluations leave beside a prediction file, read and checked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from frism.errors import EvaluationError
from frism.evaluation import kit

Index = int | str
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Reading:
    """What the result files of one benchmark say.

    Attributes:
        score: the headline metric in percent.
        hits: index of a question -> credit, 0 to 1.
        counted: the questions that the headline counts.
        metrics: all numbers that VLMEvalKit reports, by name.
    """

    score: float
    hits: dict[Index, float]
    counted: tuple[Index, ...]
    metrics: dict[str, float]


@dataclass(frozen=True)
class ResultFiles:
    """The result files of one evaluation.

    Attributes:
        predictions: VLMEvalKit's prediction file.
        name: the benchmark's name.
        model: how VLMEvalKit names the judge in its files.
    """

    predictions: Path
    name: str
    model: str

    def path(self, suffix: str, ending: str | None = None) -> Path:
        """Returns the file with a suffix after the predictions' name.

        Raises:
            EvaluationError: There is none.
        """
        path = Path(kit.get_intermediate_file_path(str(self.predictions), suffix, ending))
        if not path.is_file():
            raise EvaluationError(
                f"{self.name}: VLMEvalKit left no file {path.name}; expected predictions, results "
                "and accuracy; its evaluation failed"
            )
        return path

    def table(self, suffix: str, ending: str | None = None) -> pd.DataFrame:
        """Returns a table as VLMEvalKit reads it.

        Raises:
            EvaluationError: There is none.
        """
        table: pd.DataFrame = kit.load(str(self.path(suffix, ending)))
        return table

    def mapping(self, suffix: str) -> Mapping[str, float]:
        """Returns a JSON file.

        Raises:
            EvaluationError: There is none.
        """
        found: Mapping[str, float] = json.loads(self.path(suffix, "json").read_text("utf-8"))
        return found

    def hits(self, rows: pd.DataFrame, credit: Any, indices: Sequence[Index]) -> dict[Index, float]:
        """Returns the credit of each question.

        Args:
            rows: one row for each question.
            credit: the credit in each row, or the column that holds it.
            indices: the questions that must have one.

        Raises:
            EvaluationError: A question has none, or there are others.
        """
        values = rows[credit] if isinstance(credit, str) else credit
        hits = {i: float(hit) for i, hit in zip(rows["index"], values, strict=True)}
        missing = [i for i in indices if math.isnan(hits.get(i, math.nan))]
        if missing or len(hits) != len(indices):
            raise EvaluationError(
                f"{self.name}: found {len(hits)} results for {len(indices)} questions; without a "
                f"result: {missing[:5]}"
            )
        return {i: hits[i] for i in indices}

    def number(self, table: pd.DataFrame, column: str, row: str = "") -> float:
        """Returns a cell that must be a number.

        Args:
            table: a table with one row, or with the names of its rows in the first column.
            column: name of the column.
            row: name of the row; may be empty where there is only one.

        Raises:
            EvaluationError: There is no such cell, or several, or no number in it.
        """
        named = table[table.iloc[:, 0].astype(str) == row] if row else table
        values = list(named[column]) if column in named else []
        found = [as_number(value) for value in values]
        if len(found) != 1 or math.isnan(found[0]):
            rows = list(table.iloc[:, 0]) if len(table.columns) else []
            raise EvaluationError(
                f"{self.name}: found the metric {' '.join(filter(None, (row, column)))} = {values},"
                f" expected one number; columns {list(table.columns)}, rows {rows[:9]}"
            )
        return found[0]

    def agree(self, percent: float, hits: Sequence[float], digits: float = TOLERANCE) -> None:
        """Checks that a metric is the mean credit of questions.

        Raises:
            EvaluationError: It is not.
        """
        mean = 100 * sum(hits) / len(hits)
        if not math.isclose(percent, mean, abs_tol=digits):
            raise EvaluationError(
                f"{self.name}: VLMEvalKit reports {percent} but its rows average to {mean}; "
                "expected equal"
            )


def as_number(value: Any) -> float:
    """Returns a cell's number; that of `12.5% (3)` is 12.5, and NaN stands for none."""
    if isinstance(value, str):
        value = value.partition("%")[0]
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def numbers(table: pd.DataFrame, factor: float = 1.0) -> dict[str, float]:
    """Returns all numbers of a table with one row, or with the names of its rows in front.

    Args:
        table: a table of metrics.
        factor: what they are multiplied by.
    """
    named = table.iloc[:, 0].map(as_number).isna().all() and not table.iloc[:, 0].isna().all()
    found: dict[str, float] = {}
    for cells in table.to_dict("records"):
        (first, label), *rest = cells.items()
        pairs = rest if named else [(first, label), *rest]
        head = f"{label}: " if named and len(table) > 1 else ""
        found |= {f"{head}{column}": factor * as_number(value) for column, value in pairs}
    return {name: value for name, value in found.items() if not math.isnan(value)}
