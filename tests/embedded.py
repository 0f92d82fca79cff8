"""An embedded family after a few steps, its benchmarks, and a reader of its images."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from frism.config.pair_tree import TrainingBudget, VlmBudget
from frism.embedded import family, stages
from frism.embedded.training import Level

SHORT = TrainingBudget(steps=2, extension=1, extensions=0, attempts=1)
SHORT_VLM = VlmBudget(steps=2, extension=1, extensions=0, attempts=1, alignment_steps=2)
SIZES = {"calibration": 40, "validation": 20, "test": 30}


@dataclass(frozen=True)
class Models:
    """Checkpoints of a family."""

    base: Path
    lrm: Path
    vlm: Path


def lower_levels(patch: pytest.MonkeyPatch) -> None:
    """Lets a stage end after a few steps: every score keeps its bound."""
    for name in ("BASE_LEVELS", "LRM_LEVELS", "VLM_LEVELS"):
        levels = {score: Level(0.0) for score in getattr(stages, name)}
        patch.setattr(stages, name, levels)
    patch.setattr(stages, "VALIDATION_EXAMPLES", 4)


def make_models(root: Path, seed: int = 1) -> Models:
    """Trains the three models for two steps each."""
    made = Models(root / "base", root / "lrm", root / "vlm")
    with pytest.MonkeyPatch.context() as patch:
        lower_levels(patch)
        family.make_base(made.base, seed, SHORT)
        family.make_lrm(made.lrm, seed, SHORT, made.base)
        family.make_vlm(made.vlm, seed, SHORT_VLM, made.base)
    return made


def decoded(cell: str) -> np.ndarray:
    """Returns the pixels [8, 8 k, 3] of an image cell of a TSV file."""
    with Image.open(io.BytesIO(base64.b64decode(cell))) as image:
        return np.asarray(image)


@cache
def digits() -> tuple[np.ndarray, list[str]]:
    """Returns scikit-learn's digits as rows of length one [images, 64], and their labels."""
    pixels, labels = load_digits(return_X_y=True)
    return pixels / np.linalg.norm(pixels, axis=1, keepdims=True), [str(k) for k in labels]


def read_glyphs(pixels: np.ndarray) -> list[tuple[str, int]]:
    """Reads an image without the package, by the likeness of its glyphs.

    Returns:
        Each symbol with the number of its image among scikit-learn's digits; -1 for operators.
    """
    grey = pixels.max(axis=2).astype(float)
    return [_glyph(block) for block in np.split(grey, grey.shape[1] // 8, axis=1)]


def read_image(pixels: np.ndarray) -> list[str]:
    """Returns the symbols that an image shows."""
    return [symbol for symbol, _ in read_glyphs(pixels)]


def _glyph(block: np.ndarray) -> tuple[str, int]:
    lit = np.argwhere(block > 0)
    rows, columns = set(lit[:, 0]), set(lit[:, 1])
    if len(rows) == 1:
        return "-", -1
    if len(lit) == 11 and rows == columns == set(range(1, 7)):
        return "+", -1
    known, labels = digits()
    number = int((known @ block.ravel()).argmax())
    return labels[number], number
