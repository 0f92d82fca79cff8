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


def link_data(data: Path, root: Path, benchmarks: Iterable[str], splits: Iterable[str]) -> None:
    """Makes `root`, a data root for VLMEvalKit with links to the TSV files of `data`.

    VLMEvalKit writes decoded images beside the TSV files, which must not land in the data.
    """
    root.mkdir()
    for benchmark, split in itertools.product(benchmarks, splits):
        file = data / f"{benchmark}_{split}.tsv"
        (root / file.name).symlink_to(file.resolve())
