"""Jobs that share the questions of a suite: so many for each benchmark, by its size."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from frism.config.layout import Layout
from frism.config.suites import load_suite
from frism.config.tree import Config
from frism.planning.unit_costs import questions


@dataclass(frozen=True)
class Share:
    """What one job answers: every `count`-th question of a benchmark, from the `number`-th on."""

    benchmark: str
    number: int
    count: int

    @property
    def name(self) -> str:
        """What tells it from other jobs of the same model."""
        return f"{self.benchmark}/{self.number}-of-{self.count}"


def share_count(config: Config, benchmark: str) -> int:
    """Returns how many jobs share a benchmark; its size is as published, not counted in the file.

    The file need not be there yet, and a share is no larger than asked for but by what was added.
    """
    return ceil(questions(benchmark) / config.suite_shard) if config.suite_shard else 1


def shares(config: Config) -> list[Share]:
    """Returns what the jobs of one model answer; none where one job asks and scores everything."""
    if config.suite is None or config.suite_shard is None:
        return []
    counts = {name: share_count(config, name) for name in load_suite(config.suite).names}
    return [Share(name, k, n) for name, n in counts.items() for k in range(1, n + 1)]


def answers(run: Layout, pair: str, model: str) -> list[str]:
    """Returns the folders of the notes that a model has answered, none where one job asks it."""
    found = [f"answers/{model}/{share.name}" for share in shares(run.setup.config)]
    return [path for name in found for path in run.each(pair, name)]
