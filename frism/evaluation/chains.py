"""What can be said of the chains of many answers."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median
from typing import Self

from pydantic import BaseModel, ConfigDict

from frism.evaluation.answers import Answer


class Chains(BaseModel):
    """Chains of the answers to some questions; shares are of all answers, 0 to 1.

    Attributes:
        closed: Share with a closed chain that is not empty.
        cut: Share cut off, by the limit or as a loop, which count as wrong.
        looped: Share that repeated themselves until they were cut off, or their chain closed.
        forced: Share whose chain was closed at its budget.
        mean, median, longest: Length in tokens, of the answers that have one; 0 where none has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    closed: float
    cut: float
    looped: float
    forced: float
    mean: float
    median: float
    longest: int

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Self:
        """Returns what is said of at least one answer."""
        lengths = [answer.chain_tokens for answer in answers if answer.chain_tokens]
        count = len(answers)
        return cls(
            closed=sum(answer.chain for answer in answers) / count,
            cut=sum(answer.cut for answer in answers) / count,
            looped=sum(answer.looped for answer in answers) / count,
            forced=sum(answer.forced for answer in answers) / count,
            mean=mean(lengths) if lengths else 0,
            median=median(lengths) if lengths else 0,
            longest=max(lengths, default=0),
        )
