"""From questions to the text that a model reads: its processor and chat template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import transformers

from frism.errors import EvaluationError, QuestionError
from frism.evaluation.images import image_size, open_image
from frism.evaluation.markers import Markers
from frism.evaluation.model_files import PROCESSOR_FILES

# a question as VLMEvalKit builds it: parts {"type": "image" or "text", "value": path or text}
Message = list[dict[str, str]]


@dataclass(frozen=True)
class Shown:
    """What the model is shown of a question.

    Attributes:
        prompt: as the chat template writes it, a placeholder for each image.
        images: paths of the images.
        sizes: their widths and heights in pixels.
    """

    prompt: str
    images: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]


class Chat:
    """Processor or tokenizer of a checkpoint with its chat template.

    Args:
        checkpoint: directory in hub layout.
        blind: whether images are dropped from the questions.
    """

    def __init__(self, checkpoint: Path, blind: bool = False) -> None:
        self.checkpoint, self.blind = checkpoint, blind
        self.processor = _load_processor(checkpoint)
        self.tokenizer = getattr(self.processor, "tokenizer", self.processor)
        self.tokenizer.padding_side = "left"
        if self.tokenizer.pad_token is None:  # padding is masked, so any token serves
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self.sees = self.tokenizer is not self.processor
        # some processors do not look where older checkpoints have their template
        self.processor.chat_template = self.processor.chat_template or self.tokenizer.chat_template

    @cached_property
    def markers(self) -> Markers:
        """How the model marks its chains of thought."""
        template = str(self.processor.chat_template or "")
        return Markers.of(self.tokenizer, template, self.prompt([{"type": "text", "value": ""}]))

    def parts(self, message: Message) -> Message:
        """Returns the parts of a question that the model is shown.

        Raises:
            EvaluationError: It has an image but the model has no image processor.
        """
        kept = [p for p in message if not (self.blind and p["type"] == "image")]
        if not self.sees and any(part["type"] == "image" for part in kept):
            raise EvaluationError(
                "found a question with an image, expected text only, because the checkpoint "
                f"{self.checkpoint} has no image processor; evaluate it blind"
            )
        return kept

    def shown(self, parts: Message) -> Shown:
        """Returns what the model is shown of the parts of a question.

        What is wrong with an image is told when it is needed, by `inputs`.
        """
        images = tuple(part["value"] for part in parts if part["type"] == "image")
        return Shown(self.prompt(parts), images, tuple(map(_size, images)))

    def prompt(self, parts: Message) -> str:
        """Returns the prompt of a question, a placeholder for each of its images."""
        content: Any = [_content(part) for part in parts]
        if not self.sees:  # templates of text models take a string
            content = "\n".join(part["value"] for part in parts)
        turn = [{"role": "user", "content": content}]
        prompt = self.processor.apply_chat_template(
            turn, tokenize=False, add_generation_prompt=True
        )
        return str(prompt)

    def inputs(self, batch: Sequence[Shown]) -> dict[str, Any]:
        """Returns the inputs of the model for some questions, padded on the left.

        Raises:
            QuestionError: An image of one of them is broken, or the processor refuses one.
        """
        images = [[open_image(path) for path in shown.images] for shown in batch]
        try:
            return self.encoded([shown.prompt for shown in batch], images)
        except MemoryError:
            raise
        except Exception as error:  # processors raise whatever an odd image leads to
            named = ", ".join(path for shown in batch for path in shown.images)
            raise QuestionError(
                f"the model's processor refuses {named or 'the text'} "
                f"({type(error).__name__}: {error}); expected a question that the model takes"
            ) from error

    def encoded(self, prompts: Sequence[str], images: Sequence[Sequence[Any]]) -> dict[str, Any]:
        """Returns the inputs of the model for prompts and the images of each."""
        options: dict[str, Any] = {"images": images} if any(images) else {}
        # most templates write the start token themselves
        options["add_special_tokens"] = self._lacks_start(prompts[0])
        return dict(
            self.processor(text=list(prompts), padding=True, return_tensors="pt", **options)
        )

    def _lacks_start(self, prompt: str) -> bool:
        start = self.tokenizer.bos_token
        return start is not None and not prompt.startswith(start)


def _size(path: str) -> tuple[int, int]:
    try:
        return image_size(path)
    except QuestionError:
        return 0, 0


def _load_processor(checkpoint: Path) -> Any:
    if any((checkpoint / name).is_file() for name in PROCESSOR_FILES):
        return transformers.AutoProcessor.from_pretrained(checkpoint)
    if not (checkpoint / "tokenizer.json").is_file():
        return transformers.AutoTokenizer.from_pretrained(checkpoint)
    # AutoTokenizer forces Qwen2's byte-level splitting on every checkpoint of that model type,
    # whatever its tokenizer.json says
    return transformers.PreTrainedTokenizerFast.from_pretrained(checkpoint)


def _content(part: dict[str, str]) -> dict[str, str]:
    is_image = part["type"] == "image"
    return {"type": "image"} if is_image else {"type": "text", "text": part["value"]}
