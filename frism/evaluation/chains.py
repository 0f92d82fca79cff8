"""What can be said of the chains of many answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from frism.evaluation.answers import Answer


@dataclass(frozen=True)
class ChainStatistics:
    """Chains of the answers to some questions; shares are of all answers, 0 to 1.

    Attributes:
        closed: share with a closed chain that is not empty.
        cut: share cut off, by the limit or as a loop.
        looped: share that repeated themselves until they were cut off, or their chain closed.
        forced: share whose chain was closed at its budget.
        median: length of a chain in tokens, of those answers that have one; 0 where none has.
        longest: the same of the longest one.
    """

    closed: float
    cut: float
    looped: float
    forced: float
    median: float
    longest: int

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Self:
        """Returns the statistics of at least one answer."""
        lengths = [answer.chain_tokens for answer in answers if answer.chain_tokens]
        count = len(answers)
        return cls(
            closed=sum(answer.chain for answer in answers) / count,
            cut=sum(answer.cut for answer in answers) / count,
            looped=sum(answer.looped for answer in answers) / count,
            forced=sum(answer.forced for answer in answers) / count,
            median=median(lengths) if lengths else 0,
            longest=max(lengths, default=0),
        )
