"""The seeded choice of questions from a source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frism.errors import DataError


@dataclass(frozen=True)
class Draw:
    """How many questions are drawn, and which.

    Args:
        count: Wanted.
        seed: Of the choice.
        least: How many there must be; where there are fewer than `count`, all are drawn.
    """

    count: int
    seed: int
    least: int

    def positions(self, found: int, source: object) -> list[int]:
        """Returns the positions of the drawn ones among `found`, in random order.

        With the same seed a smaller draw is the beginning of a larger one.

        Raises:
            DataError: there are too few.
        """
        self.check(found, source)
        order = np.random.default_rng(self.seed).permutation(found)
        return [int(position) for position in order[: self.count]]

    def check(self, found: int, source: object) -> None:
        """Raises DataError where fewer are found than there must be."""
        if found < self.least:
            raise DataError(
                f"{source} has {found} questions about images; expected at least {self.least}: "
                "lower distillation.images (--count of frism calibration) or add questions"
            )
