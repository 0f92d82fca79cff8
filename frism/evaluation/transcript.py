"""From generated tokens to answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from frism.evaluation.answers import THINK, Answer
from frism.evaluation.generation import Row
from frism.evaluation.loops import loops


@dataclass(frozen=True)
class Transcript:
    """Reads what a model wrote.

    Attributes:
        tokenizer: of the model.
        opened: whether its template opens the chain, which the text then begins with.
        ends: tokens that end an answer.
    """

    tokenizer: Any
    opened: bool
    ends: frozenset[int]

    def answers(self, rows: Sequence[Row], seconds: float) -> list[tuple[int, Answer]]:
        """Returns number and answer of each row.

        Args:
            rows: of a batch.
            seconds: that each of them took.
        """
        texts = self.tokenizer.batch_decode(
            [row.tokens for row in rows],
            skip_special_tokens=True,
            clean_up_tokenization_spaces=False,
        )
        return [
            (row.number, self.told(row, text.strip(), row.tokens[-1] in self.ends, seconds))
            for row, text in zip(rows, texts, strict=True)
        ]

    def told(self, row: Row, text: str, ended: bool, seconds: float) -> Answer:
        """Returns the answer of a row with this text, which lacks what the template opened."""
        said = Answer(
            f"{THINK}\n{text}" if self.opened else text,
            len(row.tokens),
            ended,
            seconds,
            looped=row.looped or (not ended and loops(row.tokens)),
            forced=row.forced,
        )
        return replace(said, chain_tokens=self._count(said.thinking))

    def _count(self, text: str) -> int:
        return len(self.tokenizer.encode(text, add_special_tokens=False)) if text else 0
