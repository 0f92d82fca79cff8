"""Batched answers of a checkpoint to questions with images and text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch

from frism.config.tree import Evaluation
from frism.devices import device as resolved
from frism.errors import EvaluationError, QuestionError
from frism.evaluation.answering import Answering
from frism.evaluation.answers import Answer
from frism.evaluation.batching import Bounds, Lengths, alone_if_refused, share_out
from frism.evaluation.chat import Chat, Message, Shown
from frism.evaluation.encoder import Encoder
from frism.evaluation.forcing import Forcing
from frism.evaluation.generation import Batch, Decoding, Row
from frism.evaluation.loading import end_tokens, load_model
from frism.evaluation.prompts import PromptMemory, Prompts
from frism.evaluation.sampling import Sampler, generator
from frism.evaluation.transcript import Transcript
from frism.evaluation.weights import mergeable


class Engine(Answering):
    """A checkpoint of any family of transformers that answers questions in batches.

    Args:
        checkpoint: directory in hub layout with tokenizer or processor and chat template.
        settings: of generation.
        blind: whether images are dropped from the questions, for models that cannot see.
        device: where it computes, such as `cuda:1`; None: where the settings say.

    Raises:
        EvaluationError: The model does not generate text, or its checkpoint names no end token.
        ConfigError: A GPU is asked for and there is none, or a budget leaves no room.
    """

    def __init__(
        self,
        checkpoint: str | Path,
        settings: Evaluation,
        blind: bool = False,
        device: str | None = None,
    ) -> None:
        self._settings, self._device = settings, device or resolved(settings.device)
        self._chat = Chat(Path(checkpoint), blind)
        forcing = self._forcing()
        self._model = load_model(Path(checkpoint), settings.dtype, self._device)
        self._encoder = Encoder(self._chat, self._model)
        self._lengths = Lengths(self._chat)
        ends = end_tokens(self._model)
        self._transcript = Transcript(self._chat.markers, ends)
        ending = torch.tensor(sorted(ends))
        self._decoding = Decoding(ending, settings.max_new_tokens, forcing, settings.stop_loops)

    @property
    def model(self) -> Any:
        """The model of transformers."""
        return self._model

    def load_weights(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Puts merged tensors into the language model, in place; all other weights stay.

        Loading the model's own tensors under the same names restores it exactly.

        Args:
            tensors: by canonical name; converted to the model's type as by a reload.

        Raises:
            EvaluationError: A name or shape is none of the language model's.
        """
        own = mergeable(self._model)
        for name, tensor in tensors.items():
            if name not in own or own[name].shape != tensor.shape:
                found = list(own[name].shape) if name in own else "no such tensor"
                raise EvaluationError(
                    f"merged tensor '{name}' has shape {list(tensor.shape)} but the checkpoint "
                    f"{self._model.name_or_path} has {found}; merge it from this checkpoint"
                )
        with torch.no_grad():
            for name, tensor in tensors.items():
                own[name].copy_(tensor)

    def stream(
        self,
        messages: Sequence[Message],
        keys: Sequence[str] | None = None,
        memory: PromptMemory | None = None,
    ) -> Iterator[tuple[int, Answer | QuestionError]]:
        """Yields place and answer of each question as soon as it has ended; see `Answering`."""
        keys = keys or [str(k) for k in range(len(messages))]
        parts = [self._chat.parts(message) for message in messages]
        for batch, prompts in self._prompts(parts, memory):
            if isinstance(prompts, QuestionError):
                yield batch[0], prompts
                continue
            for answered in self._answered(prompts, [keys[k] for k in batch]):
                yield from ((batch[row], answer) for row, answer in answered)

    def _prompts(
        self, parts: list[Message], memory: PromptMemory | None
    ) -> Iterator[tuple[Sequence[int], Prompts | QuestionError]]:
        key = self._encoder.identity if memory else ""
        memory, chosen = memory or PromptMemory(0), self._settings
        bounds = Bounds(chosen.batch_size, chosen.max_batch_tokens, chosen.max_new_tokens)
        # a model whose prompts are in memory needs none of it
        shown = cache(lambda k: self._chat.shown(parts[k]))

        def shared() -> list[list[int]]:
            questions = [shown(k) for k in range(len(parts))]
            return share_out(questions, bounds, self._lengths(questions))

        def encoded(batch: Sequence[int]) -> Prompts:
            return memory.prompts(key, batch, lambda: self._encode(shown, batch))

        for batch in memory.batches(f"{key} {bounds}", shared):
            yield from alone_if_refused(batch, encoded)

    def _encode(self, shown: Callable[[int], Shown], batch: Sequence[int]) -> Prompts:
        return self._encoder.encode([shown(k) for k in batch])

    def _answered(
        self, prompts: Prompts, keys: Sequence[str]
    ) -> Iterator[list[tuple[int, Answer]]]:
        """Yields answers by row, those that end together at a time."""
        batch = Batch(self._model, prompts, self._decoding, self._sampler(keys))
        for rows, seconds in _timed(batch.generate()):
            yield self._transcript.answers(rows, seconds / len(rows))

    def _sampler(self, keys: Sequence[str]) -> Sampler | None:
        chosen = self._settings
        if not chosen.temperature:
            return None
        generators = [generator(chosen.seed, key, self._device) for key in keys]
        return Sampler(chosen.temperature, chosen.top_p, generators)

    def _forcing(self) -> Forcing | None:
        chosen = self._settings
        if not chosen.thinking_budget:
            return None
        budgets = chosen.thinking_budget, chosen.max_new_tokens
        return Forcing.of(self._chat.markers, *budgets)


def _timed(steps: Iterable[list[Row]]) -> Iterator[tuple[list[Row], float]]:
    """Yields items with the seconds that each took to come, not those of who asks for it."""
    iterator, start = iter(steps), time.monotonic()
    for item in iterator:
        yield item, time.monotonic() - start
        start = time.monotonic()
