"""What is asked for: a model, benchmarks, settings; and where everything goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from frism.config.suites import Suite
from frism.config.tree import Evaluation
from frism.evaluation.predictions import Index


@dataclass(frozen=True)
class Table:
    """A benchmark's file as it was found.

    Attributes:
        file: The TSV file.
        count: Number of its questions.
        broken: Questions whose image cannot be read, with what is wrong.
    """

    file: Path
    count: int
    broken: dict[Index, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """An evaluation.

    Attributes:
        checkpoint: Folder of the model.
        suite: Benchmarks by group.
        tables: Their files by name.
        settings: Of the generation.
        predictions: Folder in which the answers of all models are kept.
        output: Folder of the results.
        blind: Whether the model is shown no images.
        workers: Processes that share the questions.
    """

    checkpoint: Path
    suite: Suite
    tables: dict[str, Table]
    settings: Evaluation
    predictions: Path
    output: Path
    blind: bool = False
    workers: int = 1

    @property
    def name(self) -> str:
        """The model's name: that of its folder."""
        return self.checkpoint.resolve().name

    def __str__(self) -> str:
        count = sum(table.count for table in self.tables.values())
        return f"{self.checkpoint}: {len(self.tables)} benchmarks, {count} questions"
