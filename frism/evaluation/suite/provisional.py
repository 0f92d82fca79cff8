"""Accuracy so far: answers by rule against the truth, while the rest is on its way.

Only VLMEvalKit's evaluation counts: it gives partial credit, takes circles of options as one
question, and may ask a model. Questions whose truth is not one text have no part here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from frism.evaluation.answers import Answer
from frism.evaluation.bare import LETTERS, Rewriter, Row
from frism.evaluation.forms import form_of
from frism.evaluation.suite.sheets import Opened, Question
from frism.judging import equal, extract

# images in base64 are most of a table
UNREAD = ["image", "image_path"]
# the truth of several benchmarks is a list of answers, written as Python writes it
LIST = "["


@dataclass
class SoFar:
    """Hits among the answers that could be compared; `str` of it is shown with the progress."""

    hits: int = 0
    compared: int = 0
    _checks: dict[str, Callable[[str], bool]] = field(default_factory=dict)

    def expect(self, opened: Opened) -> None:
        """Takes the truths of a benchmark, and the answers that are on record already."""
        rewrite = form_of(opened.dataset).rewrite
        rows = opened.dataset.data.drop(columns=UNREAD, errors="ignore").fillna("").astype(str)
        if rewrite is None or "answer" not in rows:
            return
        for index, row in zip(opened.indices, rows.to_dict("records"), strict=True):
            if row["answer"] and not row["answer"].startswith(LIST):
                key = Question(opened.benchmark.name, index, []).key
                self._checks[key] = partial(_is_right, rewrite, row)
        for index, answer in opened.benchmark.kept.answers.items():
            self.count(Question(opened.benchmark.name, index, []), answer)

    def count(self, question: Question, answer: Answer) -> None:
        """Compares one answer."""
        if check := self._checks.pop(question.key, None):
            self.compared += 1
            self.hits += check(answer.scored)

    def __str__(self) -> str:
        if not self.compared:
            return "no accuracy before the end"
        return f"accuracy so far {100 * self.hits / self.compared:.1f} % (provisional)"


def _is_right(rewrite: Rewriter, row: Row, final: str) -> bool:
    said = rewrite(row, final)
    options = {letter: row[letter] for letter in LETTERS if row.get(letter, "").strip()}
    if not options:
        return said is not None and equal(said, row["answer"], "text")
    # of one's own benchmarks an answer that VLMEvalKit understands is left as it is
    letter = said if said is None or said in options else extract(said, "choice", options)
    return letter is not None and equal(letter, row["answer"], "choice")
