"""Benchmarks of a suite: what is on record of each, and the questions that are left."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frism.config.suites import Group
from frism.errors import DataError
from frism.evaluation.answers import Answer
from frism.evaluation.conditions import Conditions
from frism.evaluation.predictions import Index, Kept, Key, read_predictions
from frism.evaluation.suite.shard import WHOLE, Shard

# small benchmarks share batches; of large ones, one at a time is in memory
TOGETHER = 4096
# what reading an image raises where its bytes are damaged
IMAGE_ERRORS = (OSError, ValueError, SyntaxError, struct.error)
Message = list[dict[str, str]]


@dataclass(frozen=True)
class Question:
    """One question as a worker is given it.

    Attributes:
        benchmark: Name of its benchmark.
        index: Its index there.
        message: Its parts, images by path.
    """

    benchmark: str
    index: Index
    message: Message

    @property
    def key(self) -> str:
        """What the draws of its answer depend on beside the seed of the run."""
        return f"{self.benchmark} {self.index}"


@dataclass
class Benchmark:
    """A benchmark that one model is asked.

    Attributes:
        name: VLMEvalKit's name.
        group: Its group in the suite.
        conditions: How it is asked, and who judges the answers.
        file: Its TSV file.
        data: SHA-256 (hex) of the file.
        key: What the answers depend on.
        result: What the scores depend on.
        folder: Where answers are kept.
        count: Number of its questions.
        broken: Questions that cannot be asked, with what is wrong; they count as wrong.
        kept: The answers so far.
        shard: Which of the questions are asked.
    """

    name: str
    group: Group
    conditions: Conditions
    file: Path
    data: str
    key: Key
    result: Key
    folder: Path
    count: int
    broken: dict[Index, str] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    shard: Shard = WHOLE

    @property
    def left(self) -> int:
        """How many questions are still to be asked."""
        return max(0, self.count - len(self.kept.answers) - len(self.broken))

    def read(self) -> None:
        """Reads the answers that are on record."""
        self.kept = read_predictions(self.folder, self.key)


@dataclass
class Opened:
    """A benchmark with VLMEvalKit's dataset, which may leave rows of the file out."""

    benchmark: Benchmark
    dataset: Any

    def __post_init__(self) -> None:
        self.benchmark.count = len(self.dataset.data)
        there = {str(index) for index in self.indices}
        # of its own benchmarks VLMEvalKit takes rows without an image for no questions
        broken = self.benchmark.broken.items()
        self.benchmark.broken = {i: problem for i, problem in broken if str(i) in there}

    @property
    def indices(self) -> list[Index]:
        """The indices of all questions in the order of the file."""
        return list(self.dataset.data["index"])

    @property
    def own(self) -> list[Index]:
        """The indices of the questions of the share."""
        every = self.indices
        return [every[position] for position in self.benchmark.shard.positions(len(every))]

    def questions(self) -> Iterator[Question]:
        """Yields the share's questions without an answer, and notes those with broken images.

        Raises:
            DataError: No question can be asked at all.
        """
        wanted, name = self.benchmark, self.benchmark.name
        known = {str(index) for index in wanted.broken}
        every = self.indices
        for position in wanted.shard.positions(len(every)):
            index = every[position]
            if index in wanted.kept.answers or str(index) in known:
                continue
            try:
                message = self.dataset.build_prompt(self.dataset.data.iloc[position])
            except IMAGE_ERRORS as error:
                wanted.broken[index] = f"{type(error).__name__}: {error}"
                continue
            yield Question(name, index, message)
        self.check()

    def check(self) -> None:
        """Checks that some question could be asked.

        Raises:
            DataError: None could.
        """
        broken = self.benchmark.broken
        if len(broken) == len(self.dataset.data):
            index, problem = next(iter(broken.items()))
            raise DataError(
                f"{self.benchmark.file}: no question can be asked; the first, {index}: {problem}; "
                "expected images in base64 that the model takes: fetch the file again"
            )

    def answers(self) -> dict[Index, Answer]:
        """Returns an answer to every question of the share, an empty one where it has no image.

        Raises:
            DataError: A question has no answer on record.
        """
        found, broken = self.benchmark.kept.answers, {str(i) for i in self.benchmark.broken}
        missing = [i for i in self.own if i not in found and str(i) not in broken]
        if missing:
            raise DataError(
                f"{self.benchmark.name}: {len(missing)} questions have no answer on record in "
                f"{self.benchmark.folder}, such as {missing[0]}; run the same command again"
            )
        nothing = Answer("", tokens=0, ended=True)
        return {index: found.get(index, nothing) for index in self.own}


def sheets(benchmarks: Sequence[Benchmark], together: int = TOGETHER) -> list[list[Benchmark]]:
    """Returns benchmarks in order, small ones several to a sheet."""
    found: list[list[Benchmark]] = []
    room = 0
    for each in benchmarks:
        if not found or each.count > room:
            found.append([])
            room = together
        found[-1].append(each)
        room -= each.count
    return found


def open_sheet(sheet: Sequence[Benchmark], root: Path) -> list[Opened]:
    """Builds VLMEvalKit's datasets of benchmarks whose files lie in a data root of its own."""
    # importing VLMEvalKit takes seconds, which benchmarks that are known do not need
    from frism.evaluation.datasets import build
    from frism.evaluation.placeholders import replace_marked

    for each in sheet:
        replace_marked(root, each.file, each.broken)
    return [Opened(each, build(each.name)) for each in sheet]
