"""Batched greedy answers of a checkpoint to questions with images and text."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from PIL import Image

from frism.errors import EvaluationError
from frism.evaluation.answers import Answer
from frism.progress import progress

# a question as VLMEvalKit builds it: parts {"type": "image" or "text", "value": path or text}
Message = list[dict[str, str]]
PROCESSOR_FILES = ("processor_config.json", "preprocessor_config.json")


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
        self.blind = blind
        self._processor = _load_processor(Path(checkpoint))
        self._tokenizer = getattr(self._processor, "tokenizer", self._processor)
        self._tokenizer.padding_side = "left"
        self._sees = self._tokenizer is not self._processor
        self._model = _load_model(checkpoint)
        self._end_tokens = _end_tokens(self._model.generation_config)
        self._model.generation_config = self._greedy()

    def answer(self, messages: Sequence[Message], description: str = "answers") -> list[Answer]:
        """Returns the answers in the order of the messages.

        Raises:
            EvaluationError: A question has an image but the model has no image processor.
        """
        parts = [self._parts(message) for message in messages]
        order = sorted(range(len(parts)), key=lambda k: _cost(parts[k]))
        batches = [order[k : k + self.batch_size] for k in range(0, len(order), self.batch_size)]
        answers: dict[int, Answer] = {}
        for batch in progress(batches, f"{description}, batches"):
            answers |= zip(batch, self._answer_batch([parts[k] for k in batch]), strict=True)
        return [answers[k] for k in range(len(parts))]

    def _parts(self, message: Message) -> Message:
        kept = [p for p in message if not (self.blind and p["type"] == "image")]
        if not self._sees and any(part["type"] == "image" for part in kept):
            raise EvaluationError(
                "found a question with an image, expected text only, because the checkpoint "
                f"{self._model.name_or_path} has no image processor; evaluate it blind"
            )
        return kept

    def _answer_batch(self, batch: list[Message]) -> Iterator[Answer]:
        start = time.monotonic()
        inputs = self._inputs(batch)
        with torch.inference_mode():
            sequences = self._model.generate(**inputs)
        rows = sequences[:, inputs["input_ids"].shape[1] :].tolist()
        texts = self._tokenizer.batch_decode(
            rows, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        seconds = (time.monotonic() - start) / len(batch)
        for text, row in zip(texts, rows, strict=True):
            tokens, ended = self._length(row)
            yield Answer(text.strip(), tokens, ended, seconds)

    def _inputs(self, batch: list[Message]) -> dict[str, torch.Tensor]:
        prompts = [self._prompt(parts) for parts in batch]
        images = [_open(p["value"]) for parts in batch for p in parts if p["type"] == "image"]
        options: dict[str, Any] = {"images": images} if images else {}
        # the template writes the special tokens itself
        options["add_special_tokens"] = False
        return dict(self._processor(text=prompts, padding=True, return_tensors="pt", **options))

    def _prompt(self, parts: Message) -> str:
        content: Any = [_content(part) for part in parts]
        if not self._sees:  # templates of text models take a string
            content = "\n".join(part["value"] for part in parts)
        turn = [{"role": "user", "content": content}]
        prompt = self._processor.apply_chat_template(
            turn, tokenize=False, add_generation_prompt=True
        )
        return str(prompt)

    def _length(self, row: list[int]) -> tuple[int, bool]:
        for position, token in enumerate(row):
            if token in self._end_tokens:
                return position + 1, True
        return len(row), False

    def _greedy(self) -> transformers.GenerationConfig:
        # a fresh configuration, since that of a checkpoint may hold penalties that are not greedy
        pad = self._tokenizer.pad_token_id
        return transformers.GenerationConfig(
            max_new_tokens=self.max_new_tokens,
            do_sample=False,
            eos_token_id=sorted(self._end_tokens),
            pad_token_id=min(self._end_tokens) if pad is None else pad,
        )


def _load_processor(checkpoint: Path) -> Any:
    if any((checkpoint / name).is_file() for name in PROCESSOR_FILES):
        return transformers.AutoProcessor.from_pretrained(checkpoint)
    # AutoTokenizer forces Qwen2's byte-level splitting on every checkpoint of that model type,
    # whatever its tokenizer.json says
    return transformers.PreTrainedTokenizerFast.from_pretrained(checkpoint)


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


def _content(part: dict[str, str]) -> dict[str, str]:
    is_image = part["type"] == "image"
    return {"type": "image"} if is_image else {"type": "text", "text": part["value"]}


def _cost(parts: Message) -> tuple[int, int]:
    # questions of like size share a batch, which keeps padding short
    sizes = [_size(part["value"]) for part in parts if part["type"] == "image"]
    text = sum(len(part["value"]) for part in parts if part["type"] == "text")
    return sum(width * height for width, height in sizes), text


def _size(path: str) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def _open(path: str) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")
