"""How questions are shared out over batches: alike in image size and length, bounded in tokens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from frism.evaluation.chat import Chat, Shown

# images share a bucket when the largest has less than four times the pixels of the smallest
BUCKET = 4
# a batch is closed when more than a quarter of it, and no small amount, would be padding
PADDING_SHARE, PADDING_TOKENS = 0.25, 8192


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


def _place(shown: Shown, length: int) -> tuple[int, int, int]:
    """Returns what questions are ordered by: bucket of image size, tokens, image size."""
    pixels = sum(width * height for width, height in shown.sizes)
    return int(math.log(1 + pixels, BUCKET)), length, pixels


@dataclass
class Lengths:
    """Tells how many tokens prompts have, those of their images included.

    Text is counted as it is. The processor is asked once how many tokens an image of some size
    becomes, for sizes rounded up by an eighth at most.
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
            blank: Any = Image.new("RGB", (width, height))
            prompt = self.chat.prompt([{"type": "image", "value": ""}])
            shown = self.chat.encoded([prompt], [[blank]])["input_ids"].shape[1]
            self._images[width, height] = shown - len(self.chat.tokenizer(prompt)["input_ids"])
        return self._images[width, height]


def _rounded(side: int) -> int:
    step = 1 << max(side.bit_length() - 4, 0)
    return -(-side // step) * step
