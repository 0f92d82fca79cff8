"""A model in memory that is asked questions, each answer on record before the next one counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from frism.config.tree import Evaluation
from frism.evaluation.answers import Answer
from frism.evaluation.engine import Engine
from frism.evaluation.predictions import Key, PredictionFile
from frism.evaluation.suite.sheets import Question

Told = tuple[Question, Answer]
# where answers to a benchmark are kept, by its name
Places = Mapping[str, tuple[Path, Key]]


@dataclass(frozen=True)
class Model:
    """How a worker loads the model.

    Attributes:
        checkpoint: Its folder.
        settings: Of the generation.
        blind: Whether it is shown no images.
    """

    checkpoint: Path
    settings: Evaluation
    blind: bool

    def load(self) -> Engine:
        """Returns the model in memory."""
        limits = self.settings.batch_size, self.settings.max_new_tokens
        return Engine(self.checkpoint, *limits, blind=self.blind)


def ask(
    engine: Engine, questions: Sequence[Question], places: Places, worker: int = 0
) -> Iterator[list[Told]]:
    """Yields questions with their answers, which are on record by then.

    Args:
        engine: The model.
        questions: Of one or several benchmarks, in any order.
        places: Where the answers are kept.
        worker: Number of the worker, whose own files are written.
    """
    with ExitStack() as stack:
        files: dict[str, PredictionFile] = {}
        for told in _answers(engine, questions):
            for name in {question.benchmark for question, _ in told}:
                if name not in files:
                    files[name] = stack.enter_context(PredictionFile(*places[name], worker))
                files[name].append({q.index: a for q, a in told if q.benchmark == name})
            yield told


def _answers(engine: Engine, questions: Sequence[Question]) -> Iterator[list[Told]]:
    for start in range(0, len(questions), engine.batch_size):
        batch = questions[start : start + engine.batch_size]
        answers = engine.answer([question.message for question in batch])
        yield list(zip(batch, answers, strict=True))
