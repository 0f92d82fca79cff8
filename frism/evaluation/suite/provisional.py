"""Accuracy so far: what answers are worth by their letter or text, while the rest is on its way.

Only VLMEvalKit's evaluation counts. Questions whose truth is no single text, letter or number have
no part in the provisional number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from frism.evaluation.answers import Answer
from frism.evaluation.predictions import Index

LETTERS = "ABCDEFGHIJ"
# the truth of several benchmarks is a list of answers, written as Python writes it
LIST = "["


@dataclass
class SoFar:
    """Hits among the questions of some benchmarks that could be compared.

    Attributes:
        hits: Answers that were right.
        compared: Answers that could be compared.
    """

    truths: dict[tuple[str, Index], tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    hits: int = 0
    compared: int = 0

    def expect(self, benchmark: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Takes the truths of a benchmark from the rows of its table."""
        for row in rows:
            truth = str(row.get("answer", "")).strip()
            if truth and not truth.startswith(LIST):
                options = {k: str(row[k]).strip() for k in LETTERS if _given(row.get(k))}
                self.truths[benchmark, row["index"]] = truth, options

    def count(self, benchmark: str, index: Index, answer: Answer) -> None:
        """Compares one answer."""
        if (benchmark, index) in self.truths:
            self.compared += 1
            self.hits += not answer.cut and _same(
                answer.final, *self.truths.pop((benchmark, index))
            )

    def __str__(self) -> str:
        if not self.compared:
            return "no provisional accuracy"
        return f"{100 * self.hits / self.compared:.1f} % so far (provisional)"


def _given(cell: Any) -> bool:
    return cell is not None and str(cell).strip().lower() not in ("", "nan")


def _same(final: str, truth: str, options: Mapping[str, str]) -> bool:
    said = final.strip().rstrip(".").strip("()").strip().lower()
    right = {truth.lower(), options.get(truth, truth).lower()}
    return said in right
