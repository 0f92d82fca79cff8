"""Packs examples of different lengths into dense batches.

Half of a padded batch of such short examples would be padding. A packed row holds several
examples; attention is causal within each and blocked between them, so the result is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from frism.embedded import vocabulary as v
from frism.embedded.examples import Example

IGNORED = -100


@dataclass(frozen=True)
class Batch:
    """Packed examples (b rows, s words, i image words).

    Attributes:
        ids: token ids [b, s].
        labels: token ids [b, s], IGNORED where no loss is taken; labels[t] is predicted at t - 1.
        positions: rotary positions [3, b, s] (temporal, height, width), from 0 in each example.
        mask: additive attention mask [b, 1, s, s].
        segments: index of the example of each word [b, s]; -1 for padding.
        patches: pixel patches of all images [4 i, 48]; None without images.
        grid: patch grid (1, height, width) of each image [images, 3]; None without images.
    """

    ids: Tensor
    labels: Tensor
    positions: Tensor
    mask: Tensor
    segments: Tensor
    patches: Tensor | None = None
    grid: Tensor | None = None


def batches(examples: Iterator[Example], rows: int, length: int) -> Iterator[Batch]:
    """Yields batches of `rows` packed rows of `length` words, filled in order of arrival."""
    waiting = next(examples)
    while True:
        lines: list[list[Example]] = []
        for _ in range(rows):
            line, used = [], 0
            while used + len(waiting.words) <= length:
                line.append(waiting)
                used += len(waiting.words)
                waiting = next(examples)
            lines.append(line)
        yield pack(lines, length)


def pack(lines: list[list[Example]], length: int | None = None) -> Batch:
    """Packs each list of examples into one row of `length` words, or of as many as are needed."""
    needed = max(sum(len(example.words) for example in line) for line in lines)
    shape = (len(lines), length or needed)
    ids = np.full(shape, v.TOKEN_ID[v.PAD])
    labels = np.full(shape, IGNORED)
    segments = np.full(shape, -1)
    positions = np.zeros((3, *shape), dtype=np.int64)
    for b, line in enumerate(lines):
        start = 0
        for segment, example in enumerate(line):
            part = slice(start, start := start + len(example.words))
            tokens = np.array([v.TOKEN_ID[word] for word in example.words])
            ids[b, part] = tokens
            # the first word of an example has no predecessor in it
            learned = np.array(example.loss) & (np.arange(len(tokens)) > 0)
            labels[b, part] = np.where(learned, tokens, IGNORED)
            segments[b, part] = segment
            positions[:, b, part] = rope_positions(tokens)
    images = [e.image for line in lines for e in line if e.image is not None]
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(labels),
        torch.from_numpy(positions),
        _mask(torch.from_numpy(segments)),
        torch.from_numpy(segments),
        patchify(images) if images else None,
        torch.tensor([[1, 2, 2 * image.shape[1] // v.GLYPH_SIZE] for image in images])
        if images
        else None,
    )


def rope_positions(tokens: np.ndarray) -> np.ndarray:
    """Returns the 3-D positions [3, s] of one example with at most one single-row image.

    As in Qwen2.5-VL: words count up on all axes; image words share the temporal and height
    position and count up in width; the next word follows the largest position.
    """
    positions = np.arange(len(tokens))[None].repeat(3, axis=0)
    (image,) = np.nonzero(tokens == v.TOKEN_ID[v.IMAGE])
    if len(image):
        positions[:2, image] = image[0]
    return positions


def _mask(segments: Tensor) -> Tensor:
    same = segments[:, None, :, None] == segments[:, None, None, :]
    allowed = torch.tril(same)
    return torch.zeros(allowed.shape).masked_fill_(~allowed, torch.finfo(torch.float32).min)


def patchify(images: Iterable[np.ndarray]) -> Tensor:
    """Returns the patches [4 i, 48] of single-row images, as the VLM's processor orders them."""
    size, merge = v.PATCH_SIZE, v.MERGE_SIZE
    row = np.concatenate(list(images), axis=1).astype(np.float32) / 127.5 - 1.0
    blocks = row.reshape(merge, size, -1, merge, size, 3)  # [h, y, glyph, w, x, channel]
    return torch.from_numpy(blocks.transpose(2, 0, 3, 5, 1, 4).reshape(-1, 3 * size * size).copy())
