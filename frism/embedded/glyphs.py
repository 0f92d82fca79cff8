"""Images of rows: handwritten digits of scikit-learn and drawn operators, eight pixels each."""

from __future__ import annotations

from functools import cache

import numpy as np

from frism.embedded.problems import SHARES, SPLITS, Row
from frism.embedded.vocabulary import GLYPH_SIZE


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


def _operator(symbol: str, rng: np.random.Generator) -> np.ndarray:
    glyph = np.zeros((GLYPH_SIZE, GLYPH_SIZE))
    row, column = rng.integers(3, 5, 2)
    glyph[row, 1:7] = rng.uniform(0.6, 1.0, 6)
    if symbol == "+":
        glyph[1:7, column] = rng.uniform(0.6, 1.0, 6)
    return glyph


def _glyph(symbol: str, split: str, rng: np.random.Generator) -> np.ndarray:
    if symbol not in digit_images(split):
        return _operator(symbol, rng)
    candidates = digit_images(split)[symbol]
    return np.asarray(candidates[rng.integers(len(candidates))])


def draw(row: Row, split: str, rng: np.random.Generator) -> np.ndarray:
    """Draws `row` in a random light colour on black; the colour carries no information.

    Returns:
        Image [8, 8 * len(row), 3], uint8.
    """
    strokes = np.concatenate([_glyph(symbol, split, rng) for symbol in row], axis=1)
    colour = rng.uniform(0.6, 1.0, 3)
    return np.round(255 * strokes[:, :, None] * colour).astype(np.uint8)
