"""Benchmark splits of a data directory as VLMEvalKit asks them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frism.evaluation.datasets import build
from frism.evaluation.engine import Message
from frism.evaluation.records import Group, Split

SPLITS: dict[str, Split] = {"VAL": "validation", "TEST": "test"}


@dataclass(frozen=True)
class BenchmarkSplit:
    """The questions of one split of a benchmark.

    Attributes:
        dataset: VLMEvalKit's dataset.
        messages: one prompt per row of the dataset.
    """

    benchmark: str
    group: Group
    split: Split
    dataset: Any
    messages: list[Message]

    @property
    def indices(self) -> list[int | str]:
        """The indices of the questions in the order of the messages."""
        return list(self.dataset.data["index"])


def load_split(benchmark: str, group: Group, split: str) -> BenchmarkSplit:
    """Builds the dataset `<benchmark>_<split>` of VLMEvalKit's data root and its prompts."""
    dataset = build(f"{benchmark}_{split}")
    messages = [dataset.build_prompt(row) for _, row in dataset.data.iterrows()]
    return BenchmarkSplit(benchmark, group, SPLITS[split], dataset, messages)


def benchmark_files(data: Path, benchmarks: Iterable[str], splits: Iterable[str]) -> list[Path]:
    """Returns the TSV files of all splits of the benchmarks."""
    return [data / f"{name}_{split}.tsv" for name, split in itertools.product(benchmarks, splits)]
