"""Batched greedy answers of a checkpoint to questions with images and text."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers

from frism.errors import EvaluationError
from frism.evaluation.answers import Answer
from frism.evaluation.encoder import Encoder, Message, cost
from frism.evaluation.generation import generate
from frism.evaluation.prompts import PromptMemory, Prompts
from frism.evaluation.weights import mergeable
from frism.progress import progress


class Engine:
    """A checkpoint that answers questions greedily in batches, in float32 on the CPU.

    Args:
        checkpoint: directory in hub layout with tokenizer or processor and chat template.
        batch_size: questions generated at a time.
        max_new_tokens: longest answer in tokens.
        blind: whether images are dropped from the questions, for models that cannot see.
    """

    def __init__(
        self, checkpoint: str | Path, batch_size: int, max_new_tokens: int, blind: bool = False
    ) -> None:
        self.batch_size = batch_size
        self.max_new_tokens = max_new_tokens
        self._model = _load_model(checkpoint)
        self._encoder = Encoder(Path(checkpoint), self._model, blind)
        self._end_tokens = _end_tokens(self._model.generation_config)

    def load_weights(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Puts merged tensors into the language model, in place; all other weights stay.

        Loading the model's own tensors under the same names restores it exactly.

        Args:
            tensors: by canonical name; converted to float32 as by a reload from a checkpoint.

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

    def answer(
        self,
        messages: Sequence[Message],
        description: str = "answers",
        memory: PromptMemory | None = None,
    ) -> list[Answer]:
        """Returns the answers in the order of the messages.

        Args:
            messages: questions.
            description: what progress is reported under.
            memory: prompts of these very messages that earlier calls encoded.

        Raises:
            EvaluationError: A question has an image but the model has no image processor.
        """
        parts = [self._encoder.parts(message) for message in messages]
        memory, key = memory or PromptMemory(0), self._encoder.identity
        answers: dict[int, Answer] = {}
        for batch in progress(self._batches(parts, memory), f"{description}, batches"):
            asked = [parts[k] for k in batch]
            prompts = memory.prompts(key, batch, partial(self._encoder.encode, asked))
            answers |= zip(batch, self._answer_batch(prompts), strict=True)
        return [answers[k] for k in range(len(parts))]

    def _batches(self, parts: list[Message], memory: PromptMemory) -> list[list[int]]:
        def make() -> list[list[int]]:
            order, size = sorted(range(len(parts)), key=lambda k: cost(parts[k])), self.batch_size
            return [order[k : k + size] for k in range(0, len(order), size)]

        return memory.batches(f"{self._encoder.identity} {self.batch_size}", make)

    def _answer_batch(self, prompts: Prompts) -> Iterator[Answer]:
        start = time.monotonic()
        ends = torch.tensor(sorted(self._end_tokens))
        rows = generate(self._model, prompts, ends, self.max_new_tokens)
        texts = self._encoder.tokenizer.batch_decode(
            rows, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        seconds = (time.monotonic() - start) / len(rows)
        for text, row in zip(texts, rows, strict=True):
            yield Answer(text.strip(), len(row), row[-1] in self._end_tokens, seconds)


def _load_model(checkpoint: str | Path) -> Any:
    config = transformers.AutoConfig.from_pretrained(checkpoint)
    model_class = getattr(transformers, config.architectures[0])
    return model_class.from_pretrained(checkpoint, dtype=torch.float32).eval()


def _end_tokens(config: transformers.GenerationConfig) -> frozenset[int]:
    found = config.eos_token_id
    if found is None:
        raise EvaluationError(
            "found no end token in the checkpoint's generation_config.json, expected "
            "eos_token_id; add it, or every answer would run into the token limit"
        )
    return frozenset(found if isinstance(found, Iterable) else [found])
