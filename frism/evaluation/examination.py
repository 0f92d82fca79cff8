"""The benchmarks of one family, opened once and answered by any number of models."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from frism.checkpoints.hashing import file_hash
from frism.evaluation import kit
from frism.evaluation.answering import Answering
from frism.evaluation.answers import Answer
from frism.evaluation.benchmarks import BenchmarkSplit, load_split
from frism.evaluation.conditions import Conditions
from frism.evaluation.judges import judge_of
from frism.evaluation.offline import offline
from frism.evaluation.prompts import PromptMemory
from frism.evaluation.records import Measurement, Question, Split
from frism.evaluation.scoring import Scored, score
from frism.evaluation.scratch import scratch_directory

EXTRACTORS = {
    "MCQ": "after </think>, letter or whole text of an option, then vlmeval can_infer_option",
    "VQA": "after </think>",
}


@dataclass
class _Sheet:
    """Benchmark splits that share batches, and their prompts as models have taken them in."""

    parts: list[BenchmarkSplit]
    memory: PromptMemory = field(default_factory=PromptMemory)


class Examination:
    """Datasets of VLMEvalKit, a context manager; one at a time can be open in a process.

    Args:
        files: TSV files of all benchmark splits that may be asked for.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._hashes = {file.stem: file_hash(file) for file in files}
        self._sheets: dict[tuple[tuple[str, ...], Split], _Sheet] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(offline())
            root, self._work = stack.enter_context(scratch_directory(self._files))
            stack.enter_context(kit.settings(root))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def measure(
        self,
        engine: Answering,
        weights: str,
        benchmarks: Sequence[str],
        split: Split,
        conditions: Conditions,
        description: str,
    ) -> list[Measurement]:
        """Returns the engine's answers and VLMEvalKit's scores, in the order of the benchmarks.

        The questions of all benchmarks share batches: answers are of like length within a group,
        so few batches are needed and none waits for a single long answer.

        Raises:
            EvaluationError: VLMEvalKit left no metric, or an answer is missing.
        """
        judge = judge_of(conditions.judge)
        sheet = self._sheet(tuple(benchmarks), split)
        messages = [message for part in sheet.parts for message in part.messages]
        keys = [key for part in sheet.parts for key in part.keys]
        answers = iter(engine.answer(messages, description, sheet.memory, keys))
        # VLMEvalKit takes over what it finds in a directory, so each model gets one of its own
        with tempfile.TemporaryDirectory(dir=self._work) as work:
            return [
                self._measurement(
                    weights, part, given, score(part.dataset, given, Path(work), judge), conditions
                )
                for part in sheet.parts
                for given in [dict(zip(part.indices, answers, strict=False))]
            ]

    def _sheet(self, benchmarks: tuple[str, ...], split: Split) -> _Sheet:
        key = benchmarks, split
        if key not in self._sheets:
            self._sheets[key] = _Sheet([load_split(name, split) for name in benchmarks])
        return self._sheets[key]

    def _measurement(
        self,
        weights: str,
        part: BenchmarkSplit,
        answers: dict[int | str, Answer],
        scored: Scored,
        conditions: Conditions,
    ) -> Measurement:
        given = list(answers.values())
        return Measurement(
            benchmark=part.benchmark,
            split=part.split,
            weights=weights,
            data=self._hashes[part.dataset.dataset_name],
            score=scored.score,
            questions=tuple(_questions(part, answers, scored)),
            count=len(given),
            seconds=round(sum(answer.seconds for answer in given), 3),
            tokens=sum(answer.tokens for answer in given),
            chain_share=sum(answer.chain for answer in given) / len(given),
            cut_share=sum(answer.cut for answer in given) / len(given),
            extractor=EXTRACTORS[part.dataset.TYPE],
            **asdict(conditions),
        )


def _questions(
    part: BenchmarkSplit, answers: dict[int | str, Answer], scored: Scored
) -> list[Question]:
    rows = part.dataset.data
    asked = zip(rows["index"], rows["question"], rows["answer"], strict=True)
    return [
        Question(
            index=index,
            question=str(question),
            answer=str(truth),
            prediction=answers[index].text,
            thinking=answers[index].thinking,
            final=answers[index].final,
            hit=scored.hits[index],
            tokens=answers[index].tokens,
            chain=answers[index].chain,
            cut=answers[index].cut,
        )
        for index, question, truth in asked
    ]
