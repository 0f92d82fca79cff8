"""How a model marks its chain of thought, and its text with the marks that all else here reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from frism.evaluation.answers import END_THINK, THINK

Pair = tuple[str, str]
# R1, Qwen, GLM and most others; Magistral; Kimi-VL; Seed-OSS; OpenThinker
PAIRS: tuple[Pair, ...] = (
    (THINK, END_THINK),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<seed:think>", "</seed:think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
)


@dataclass(frozen=True)
class Markers:
    """Reads tokens of a model as text whose chain stands between `<think>` and `</think>`.

    Attributes:
        tokenizer: of the model.
        pairs: what may open and close its chains, its own pair first.
        opened: whether its template opens the chain, which the text is then given back.
        special: marks by token, of those that decoding leaves out as special tokens.
    """

    tokenizer: Any
    pairs: tuple[Pair, ...]
    opened: bool
    special: dict[int, str]

    @classmethod
    def of(cls, tokenizer: Any, template: str, prompt: str) -> Markers:
        """Returns the pairs that vocabulary or template know; where they know none, all.

        Args:
            tokenizer: of the model.
            template: its chat template, in Jinja.
            prompt: what the template writes for a question.
        """
        vocabulary = tokenizer.get_vocab()
        own = [p for p in PAIRS if any(m in vocabulary or m in template for m in p)]
        begun = [pair for pair in PAIRS if prompt.rstrip().endswith(pair[0])]
        pairs = tuple(dict.fromkeys([*begun, *own])) or PAIRS
        marks = {
            mark: normal for pair in pairs for mark, normal in zip(pair, PAIRS[0], strict=True)
        }
        found = {vocabulary[m]: (m, normal) for m, normal in marks.items() if m in vocabulary}
        special = {
            token: normal
            for token, (mark, normal) in found.items()
            if mark not in tokenizer.decode([token], skip_special_tokens=True)
        }
        return cls(tokenizer, pairs, bool(begun), special)

    @property
    def closing(self) -> str:
        """What closes the model's chain."""
        return self.pairs[0][1]

    def read(self, rows: Sequence[Sequence[int]]) -> list[str]:
        """Returns the texts of rows of tokens, without special tokens other than marks."""
        cut = [[(mark, list(part)) for mark, part in groupby(row, self._mark)] for row in rows]
        decoded = iter(
            self.tokenizer.batch_decode(
                [part for parts in cut for mark, part in parts if not mark],
                skip_special_tokens=True,
                clean_up_tokenization_spaces=False,
            )
        )
        return [
            self._told("".join(mark * len(part) if mark else next(decoded) for mark, part in parts))
            for parts in cut
        ]

    def _mark(self, token: int) -> str:
        return self.special.get(token, "")

    def _told(self, text: str) -> str:
        text = text.strip()
        for opening, closing in self.pairs:
            text = text.replace(opening, THINK).replace(closing, END_THINK)
        return f"{THINK}\n{text}" if self.opened else text
