"""Images of rows: handwritten digits of scikit-learn and drawn operators, eight pixels each."""

from __future__ import annotations

import base64
import io
from functools import cache

import numpy as np
from PIL import Image

from frism.embedded.rows import SHARES, SPLITS, Row
from frism.embedded.vocabulary import GLYPH_SIZE, SYMBOLS

OPERATOR_IMAGES = 400  # drawings of each operator per split


@cache
def digit_images(split: str) -> dict[str, np.ndarray]:
    """Returns the handwritten digits that `split` owns.

    Returns:
        Digit -> array [images, 8, 8], float in [0, 1]. Source: the optical recognition of
        handwritten digits data set, as it ships with scikit-learn.
    """
    from sklearn.datasets import load_digits

    images, targets = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    bounds = np.cumsum([0.0, *SHARES.values()]) * len(images)
    k = SPLITS.index(split)
    mine = order[round(bounds[k]) : round(bounds[k + 1])]
    pixels, labels = images[mine].reshape(-1, GLYPH_SIZE, GLYPH_SIZE) / 16.0, targets[mine]
    return {str(digit): pixels[labels == digit] for digit in range(10)}


def _operators(symbol: str, rng: np.random.Generator) -> np.ndarray:
    images = np.zeros((OPERATOR_IMAGES, GLYPH_SIZE, GLYPH_SIZE))
    for image in images:
        row, column = rng.integers(3, 5, 2)
        image[row, 1:7] = rng.uniform(0.6, 1.0, 6)
        if symbol == "+":
            image[1:7, column] = rng.uniform(0.6, 1.0, 6)
    return images


@cache
def _glyphs(split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns all glyphs of `split` [glyphs, 8, 8] and each symbol's first one and number."""
    rng = np.random.default_rng([1, SPLITS.index(split)])
    digits = digit_images(split)
    sets = [digits[s] if s in digits else _operators(s, rng) for s in SYMBOLS]
    counts = np.array([len(images) for images in sets])
    return (
        np.float32(255) * np.concatenate(sets, dtype=np.float32),
        np.cumsum(counts) - counts,
        counts,
    )


def draw(row: Row, split: str, rng: np.random.Generator) -> np.ndarray:
    """Draws `row` in a random light colour on black; the colour carries no information.

    Returns:
        Image [8, 8 * len(row), 3], uint8.
    """
    images, first, counts = _glyphs(split)
    symbols = [SYMBOLS.index(symbol) for symbol in row]
    chance = rng.random(len(row) + 3, dtype=np.float32)
    chosen = first[symbols] + (chance[3:] * counts[symbols]).astype(int)
    strokes = images[chosen].swapaxes(0, 1).reshape(GLYPH_SIZE, -1)
    colour = 0.6 + 0.4 * chance[:3]
    image: np.ndarray = (strokes[:, :, None] * colour).astype(np.uint8)
    return image


def encode(image: np.ndarray) -> str:
    """Returns `image` [height, width, 3] uint8 as a base64 PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()
