"""A model in memory that is asked questions; its answers go on record as they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from frism.config.tree import Evaluation
from frism.evaluation.answering import Answering
from frism.evaluation.answers import Answer
from frism.evaluation.engines import load_engine
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

    def load(self, worker: int | None = None) -> Answering:
        """Returns the model in memory: of several workers each takes a GPU of its own."""
        return load_engine(self.checkpoint, self.settings, self.blind, self._device(worker))

    def _device(self, worker: int | None) -> str | None:
        import torch

        if worker is None or self.settings.device == "cpu" or not torch.cuda.is_available():
            return None
        return f"cuda:{worker % torch.cuda.device_count()}"


def ask(
    engine: Answering, questions: Sequence[Question], places: Places, worker: int = 0
) -> Iterator[Told]:
    """Yields questions with their answers, which are on record by then.

    Args:
        engine: The model.
        questions: Of one or several benchmarks, in any order.
        places: Where the answers are kept.
        worker: Number of the worker, whose own files are written.
    """
    keys = [question.key for question in questions]
    with ExitStack() as stack:
        files: dict[str, PredictionFile] = {}
        for k, answer in engine.stream([question.message for question in questions], keys):
            name = questions[k].benchmark
            if name not in files:
                files[name] = stack.enter_context(PredictionFile(*places[name], worker))
            files[name].append({questions[k].index: answer})
            yield questions[k], answer
