"""What is asked for: a model, benchmarks, settings; and where everything goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from frism.config.judge import JudgeEndpoint
from frism.config.suites import Suite
from frism.config.tree import Evaluation
from frism.evaluation.predictions import Index
from frism.evaluation.suite.shard import WHOLE, Shard

RESULTS = Path("results/eval")


@dataclass(frozen=True)
class Job:
    """An evaluation.

    Attributes:
        checkpoint: Folder of the model.
        suite: Benchmarks by group.
        title: What the suite is called.
        data: Folder with `<benchmark>.tsv`.
        counts: How many questions these files hold, by name of the benchmark.
        broken: Questions whose image cannot be shown, with what is wrong, by the same.
        settings: Of the generation.
        predictions: Folder in which the answers of all models are kept.
        output: Folder of the results; None: one of the model and the suite in `RESULTS`.
        judge: Of groups with `judge: openai`.
        blind: Whether the model is shown no images.
        workers: Processes that share the questions; 0: one for each GPU.
        shard: Which of the questions are asked.
    """

    checkpoint: Path
    suite: Suite
    title: str
    data: Path
    counts: Mapping[str, int]
    broken: Mapping[str, Mapping[Index, str]]
    settings: Evaluation
    predictions: Path
    output: Path | None
    judge: JudgeEndpoint
    blind: bool = False
    workers: int = 1
    shard: Shard = WHOLE

    @property
    def name(self) -> str:
        """The model's name: that of its folder."""
        return self.checkpoint.resolve().name

    @property
    def place(self) -> Path:
        """The folder of the results, once `placed` has found it where it was not given."""
        return self.output or RESULTS

    def placed(self, weights: str) -> Self:
        """Returns the job with a folder for results of a model whose weights have this hash."""
        # many a folder is called vlm
        default = RESULTS / f"{self.name}-{weights[:8]}" / self.title
        return replace(self, output=self.output or default)

    def __str__(self) -> str:
        count = f"{len(self.counts)} benchmarks, {sum(self.counts.values())} questions"
        return f"{self.name} on {self.title}: {count}"
