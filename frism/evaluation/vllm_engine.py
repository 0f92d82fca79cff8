"""Answers by vLLM, for those who have it: https://docs.vllm.ai.

It is no dependency of this package and runs on GPUs. No test of this package runs it: what is
tested is the message where it is not installed. It holds to vLLM's documented interface:
`LLM(model, dtype, limit_mm_per_prompt)`, `SamplingParams` and `LLM.chat`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from frism.config.tree import Evaluation
from frism.errors import EvaluationError, QuestionError
from frism.evaluation.answering import Answering
from frism.evaluation.answers import Answer
from frism.evaluation.batching import alone_if_refused
from frism.evaluation.chat import Chat, Message
from frism.evaluation.generation import Row
from frism.evaluation.images import open_image
from frism.evaluation.prompts import PromptMemory
from frism.evaluation.sampling import question_seed
from frism.evaluation.transcript import Transcript
from frism.evaluation.vllm_settings import check_engine, lacking

MOST_IMAGES = 16


class VllmEngine(Answering):
    """A checkpoint that answers questions through vLLM, `batch_size` of them at a time.

    Seeds belong to questions here, too, but vLLM's random numbers are not those of the other
    engine, and its kernels may round differently from batch to batch.

    Args:
        checkpoint: directory in hub layout with tokenizer or processor and chat template.
        settings: of generation.
        blind: whether images are dropped from the questions.

    Raises:
        EvaluationError: vLLM is not installed.
        ConfigError: The settings ask for what only the other engine does.
    """

    def __init__(self, checkpoint: Path, settings: Evaluation, blind: bool = False) -> None:
        check_engine(settings)
        self._vllm = _imported()
        self._settings, self._chat = settings, Chat(checkpoint, blind)
        limits = {"limit_mm_per_prompt": {"image": MOST_IMAGES}} if self._chat.sees else {}
        self._model = self._vllm.LLM(model=str(checkpoint), dtype=settings.dtype, **limits)
        self._transcript = Transcript(self._chat.markers, ends=frozenset())

    def stream(
        self,
        messages: Sequence[Message],
        keys: Sequence[str] | None = None,
        memory: PromptMemory | None = None,
    ) -> Iterator[tuple[int, Answer | QuestionError]]:
        """Yields place and answer of each question, batch by batch; see `Answering`.

        vLLM encodes prompts itself, so none is kept in `memory`.
        """
        keys = keys or [str(k) for k in range(len(messages))]
        for start in range(0, len(messages), self._settings.batch_size):
            batch = range(start, min(start + self._settings.batch_size, len(messages)))
            for part, found in alone_if_refused(batch, partial(self._asked, messages, keys)):
                if isinstance(found, QuestionError):
                    yield part[0], found
                else:
                    yield from zip(part, found, strict=True)

    def _asked(
        self, messages: Sequence[Message], keys: Sequence[str], batch: Sequence[int]
    ) -> list[Answer]:
        asked = [_conversation(self._chat.parts(messages[k])) for k in batch]
        drawn = [self._sampling(keys[k]) for k in batch]
        since = time.monotonic()
        try:
            outputs = self._model.chat(asked, sampling_params=drawn, use_tqdm=False)
        except ValueError as error:  # of an image, or of a prompt that is too long
            raise QuestionError(f"vLLM refuses the question ({error})") from error
        seconds = (time.monotonic() - since) / len(asked)
        return [self._answer(output.outputs[0], seconds) for output in outputs]

    def _sampling(self, key: str) -> Any:
        chosen = self._settings
        return self._vllm.SamplingParams(
            temperature=chosen.temperature,
            top_p=chosen.top_p,
            seed=question_seed(chosen.seed, key),
            max_tokens=chosen.max_new_tokens,
        )

    def _answer(self, said: Any, seconds: float) -> Answer:
        tokens = list(said.token_ids)
        ended = said.finish_reason == "stop"
        # vLLM's own text lacks marks that are special tokens
        (text,) = self._chat.markers.read([tokens])
        return self._transcript.told(Row(0, tokens), text, ended, seconds)


def _imported() -> Any:
    try:
        import vllm
    except ImportError as error:
        raise EvaluationError(lacking(str(error))) from None
    return vllm


def _conversation(parts: Message) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [_content(part) for part in parts]}]


def _content(part: dict[str, str]) -> dict[str, Any]:
    if part["type"] == "image":
        return {"type": "image_pil", "image_pil": open_image(part["value"])}
    return {"type": "text", "text": part["value"]}
