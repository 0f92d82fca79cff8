"""A share of the questions of a benchmark, for jobs that answer them side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from frism.errors import ConfigError


@dataclass(frozen=True)
class Shard:
    """Every `count`-th question.

    Args:
        number: Which share, from 1.
        count: How many shares there are.
    """

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Reads `2/4`.

        Raises:
            ConfigError: There is no such share.
        """
        found = re.fullmatch(r"(\d+)/(\d+)", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise ConfigError(f"--shard: found {text}; expected k/n, such as 2/4, with 1 <= k <= n")
        return cls(int(found[1]), int(found[2]))

    @property
    def whole(self) -> bool:
        """Whether it is all questions."""
        return self.count == 1

    @property
    def name(self) -> str:
        """What tells its files from those of other shares; '' of all questions."""
        return "" if self.whole else f"shard-{self.number}-of-{self.count}"

    def positions(self, length: int) -> range:
        """Returns the places of its questions among all.

        They lie far apart, since neighbours are of one kind: no share is slower than the others.
        """
        return range(self.number - 1, length, self.count)


WHOLE = Shard()
