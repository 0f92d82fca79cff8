"""What is asked for: a model, benchmarks, settings; and where everything goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from frism.config.judge import JudgeEndpoint
from frism.config.suites import Suite
from frism.config.tree import Evaluation
from frism.evaluation.rows import Table


@dataclass(frozen=True)
class Job:
    """An evaluation.

    Attributes:
        checkpoint: Folder of the model.
        suite: Benchmarks by group.
        title: What the suite is called.
        data: Folder with `<benchmark>.tsv`.
        tables: What these files hold, by name.
        settings: Of the generation.
        predictions: Folder in which the answers of all models are kept.
        output: Folder of the results.
        judge: Of groups with `judge: openai`.
        blind: Whether the model is shown no images.
        workers: Processes that share the questions.
    """

    checkpoint: Path
    suite: Suite
    title: str
    data: Path
    tables: dict[str, Table]
    settings: Evaluation
    predictions: Path
    output: Path
    judge: JudgeEndpoint
    blind: bool = False
    workers: int = 1

    @property
    def name(self) -> str:
        """The model's name: that of its folder."""
        return self.checkpoint.resolve().name

    def __str__(self) -> str:
        count = sum(table.count for table in self.tables.values())
        return f"{self.name} on {self.title}: {len(self.tables)} benchmarks, {count} questions"
