"""A model in memory that is asked questions; its answers go on record as they come."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from frism.config.tree import Evaluation
from frism.errors import QuestionError
from frism.evaluation.answering import Answering
from frism.evaluation.answers import Answer
from frism.evaluation.engines import load_engine
from frism.evaluation.predictions import Key, PredictionFile
from frism.evaluation.suite.sheets import Question

VISIBLE = "CUDA_VISIBLE_DEVICES"
Told = tuple[Question, Answer | QuestionError]
# where answers to a benchmark are kept, by its name: folder, key and share
Places = Mapping[str, tuple[Path, Key, str]]


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
        device = None if worker is None else own_device(worker, self.settings)
        return load_engine(self.checkpoint, self.settings, self.blind, device)


def own_device(worker: int, settings: Evaluation) -> str | None:
    """Returns the GPU of a worker, shared in turn where workers are more; None without GPUs."""
    import torch

    if settings.device == "cpu" or not torch.cuda.is_available():
        return None
    number = worker % torch.cuda.device_count()
    if settings.engine == "vllm":  # it takes the first GPU that it sees
        visible = os.environ.get(VISIBLE, "").split(",")
        os.environ[VISIBLE] = visible[number] if visible[0] else str(number)
    return f"cuda:{number}"


def gpus(settings: Evaluation) -> int:
    """Returns how many GPUs there are for a model, at least 1 where it runs on the CPU."""
    import torch

    return 1 if settings.device == "cpu" else max(1, torch.cuda.device_count())


def ask(
    engine: Answering, questions: Sequence[Question], places: Places, worker: int = 0
) -> Iterator[Told]:
    """Yields questions with their answers, which are on record by then.

    A question that cannot be asked comes with an error and is not on record.

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
            if isinstance(answer, Answer):
                if name not in files:
                    folder, key, shard = places[name]
                    files[name] = stack.enter_context(PredictionFile(folder, key, worker, shard))
                files[name].append({questions[k].index: answer})
            yield questions[k], answer
