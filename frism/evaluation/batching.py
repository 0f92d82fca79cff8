"""How questions are shared out over batches: alike in image size and length, bounded in tokens."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PIL import Image

from frism.errors import QuestionError
from frism.evaluation.chat import Chat, Shown

T = TypeVar("T")

# images share a bucket when the largest has less than four times the pixels of the smallest
BUCKET = 4
# a batch is closed when more than a quarter of it, and no small amount, would be padding
PADDING_SHARE, PADDING_TOKENS = 0.25, 8192
# of Qwen2.5-VL: a token for each square of 28 pixels a side
PIXELS_OF_A_TOKEN = 28 * 28


@dataclass(frozen=True)
class Bounds:
    """What a batch may hold.

    Attributes:
        questions: number of questions.
        tokens: tokens of prompts with padding and of answers as long as they may get, which is
            what keys and values are kept of.
        answer: longest answer in tokens.
    """

    questions: int
    tokens: int
    answer: int

    def hold(self, questions: int, longest: int, total: int) -> bool:
        """Tells whether prompts may be one batch.

        Args:
            questions: their number.
            longest: tokens of the longest one.
            total: tokens of all.
        """
        padded = questions * longest
        return (
            questions <= self.questions
            and padded + questions * self.answer <= self.tokens
            and padded - total <= max(PADDING_TOKENS, PADDING_SHARE * padded)
        )


def share_out(
    questions: Sequence[Shown], bounds: Bounds, lengths: Sequence[int]
) -> list[list[int]]:
    """Returns batches of questions by their place in the list.

    A question that is too long for the bounds by itself gets a batch of its own.

    Args:
        questions: what the model is shown of each.
        bounds: what a batch may hold.
        lengths: tokens of each prompt.
    """
    batches: list[list[int]] = []
    longest = total = 0
    for k in sorted(range(len(questions)), key=lambda k: _place(questions[k], lengths[k])):
        longest, total = max(longest, lengths[k]), total + lengths[k]
        if batches and bounds.hold(len(batches[-1]) + 1, longest, total):
            batches[-1].append(k)
        else:
            batches.append([k])
            longest = total = lengths[k]
    return batches


def alone_if_refused(
    batch: Sequence[int], ask: Callable[[Sequence[int]], T]
) -> Iterator[tuple[Sequence[int], T | QuestionError]]:
    """Yields a batch with what came of it; where a question cannot be asked, in ever smaller parts.

    A question with which an error came is alone in its part.

    Args:
        batch: questions by their place in the list.
        ask: returns what comes of some questions.
    """
    try:
        found: T | QuestionError = ask(batch)
    except QuestionError as error:
        found = error
    if isinstance(found, QuestionError) and len(batch) > 1:
        middle = len(batch) // 2
        for part in (batch[:middle], batch[middle:]):
            yield from alone_if_refused(part, ask)
    else:
        yield batch, found


def _place(shown: Shown, length: int) -> tuple[int, int, int]:
    """Returns what questions are ordered by: bucket of image size, tokens, image size."""
    pixels = sum(width * height for width, height in shown.sizes)
    return int(math.log(1 + pixels, BUCKET)), length, pixels


@dataclass
class Lengths:
    """Tells how many tokens prompts have, those of their images included.

    Text is counted as it is. The processor is asked once how many tokens an image of some size
    becomes, for sizes rounded up by an eighth at most. Where it refuses such an image there is an
    estimate: lengths only say which questions share a batch.
    """

    chat: Chat
    _images: dict[tuple[int, int], int] = field(default_factory=dict)

    def __call__(self, questions: Sequence[Shown]) -> list[int]:
        """Returns the tokens of each prompt."""
        texts = self.chat.tokenizer([shown.prompt for shown in questions])["input_ids"]
        return [
            len(text) + sum(self._image(*map(_rounded, size)) for size in shown.sizes)
            for text, shown in zip(texts, questions, strict=True)
        ]

    def _image(self, width: int, height: int) -> int:
        if (width, height) not in self._images:
            try:
                found = self._counted(width, height)
            except Exception:  # processors raise whatever an odd shape leads to
                found = 1 + width * height // PIXELS_OF_A_TOKEN
            self._images[width, height] = found
        return self._images[width, height]

    def _counted(self, width: int, height: int) -> int:
        blank: Any = Image.new("RGB", (width, height))
        prompt = self.chat.prompt([{"type": "image", "value": ""}])
        shown: int = self.chat.encoded([prompt], [[blank]])["input_ids"].shape[1]
        return shown - len(self.chat.tokenizer(prompt)["input_ids"])


def _rounded(side: int) -> int:
    step = 1 << max(side.bit_length() - 4, 0)
    return -(-side // step) * step
