"""Benchmark splits as VLMEvalKit asks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from frism.evaluation.chat import Message
from frism.evaluation.datasets import build
from frism.evaluation.image_files import kept_images
from frism.evaluation.records import Split
from frism.evaluation.splits import SUFFIXES


@dataclass(frozen=True)
class BenchmarkSplit:
    """The questions of one split of a benchmark.

    Attributes:
        dataset: VLMEvalKit's dataset.
        messages: one prompt per row of the dataset.
    """

    benchmark: str
    split: Split
    dataset: Any
    messages: list[Message]

    @property
    def indices(self) -> list[int | str]:
        """The indices of the questions in the order of the messages."""
        return list(self.dataset.data["index"])

    @property
    def keys(self) -> list[str]:
        """What each question is called among those of all benchmarks."""
        return [f"{self.dataset.dataset_name} {index}" for index in self.indices]


def load_split(benchmark: str, split: Split) -> BenchmarkSplit:
    """Builds the dataset of a benchmark split in VLMEvalKit's data root, and its prompts."""
    dataset = build(f"{benchmark}_{SUFFIXES[split]}")
    with kept_images():
        messages = [dataset.build_prompt(row) for _, row in dataset.data.iterrows()]
    return BenchmarkSplit(benchmark, split, dataset, messages)
