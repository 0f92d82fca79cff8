"""From generated tokens to answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from frism.evaluation.answers import Answer
from frism.evaluation.generation import Row
from frism.evaluation.loops import loops
from frism.evaluation.markers import Markers


@dataclass(frozen=True)
class Transcript:
    """Reads what a model wrote.

    Attributes:
        markers: of the model's chains.
        ends: tokens that end an answer.
    """

    markers: Markers
    ends: frozenset[int]

    def answers(self, rows: Sequence[Row], seconds: float) -> list[tuple[int, Answer]]:
        """Returns number and answer of each row.

        Args:
            rows: of a batch.
            seconds: that each of them took.
        """
        texts = self.markers.read([row.tokens for row in rows])
        return [
            (row.number, self.told(row, text, row.tokens[-1] in self.ends, seconds))
            for row, text in zip(rows, texts, strict=True)
        ]

    def told(self, row: Row, text: str, ended: bool, seconds: float) -> Answer:
        """Returns the answer of a row with this text."""
        said = Answer(
            text,
            len(row.tokens),
            ended,
            seconds,
            looped=row.looped or (not ended and loops(row.tokens)),
            forced=row.forced,
        )
        return replace(said, chain_tokens=self._count(said.thinking))

    def _count(self, text: str) -> int:
        return len(self.markers.tokenizer.encode(text, add_special_tokens=False)) if text else 0
