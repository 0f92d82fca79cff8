"""Small benchmark files about rows of handwritten digits."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.datasets import load_digits

ALL_DIGITS, LABELS = load_digits(return_X_y=True)


def digits_image(count: int, seed: int) -> Image.Image:
    """Returns an image of `count` handwritten digits, 8 x 8 pixels each."""
    chosen = np.random.default_rng(seed).integers(0, len(ALL_DIGITS), count)
    row = np.concatenate([ALL_DIGITS[k].reshape(8, 8) for k in chosen], axis=1)
    return Image.fromarray(np.round(row * 255 / 16).astype(np.uint8))


def encoded_image(count: int, seed: int) -> str:
    """Returns the image as VLMEvalKit's TSV files hold it: PNG in base64."""
    buffer = io.BytesIO()
    digits_image(count, seed).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def open_rows(answers: list[str], questions: tuple[str, ...] = ("solve", "read")) -> pd.DataFrame:
    """Open questions about images of two to five digits."""
    rows = [
        {
            "index": k,
            "image": encoded_image(2 + k % 4, seed=k),
            "question": questions[k % len(questions)],
            "answer": answer,
        }
        for k, answer in enumerate(answers)
    ]
    return pd.DataFrame(rows)


def choice_rows(letters: list[str]) -> pd.DataFrame:
    """Multiple-choice questions about images of two to five digits."""
    table = open_rows(letters, ("solve",))
    for column, option in zip("ABCD", ("3", "4", "5", "7"), strict=True):
        table[column] = option
    return table


def text_rows(answers: list[str]) -> pd.DataFrame:
    """Open questions without images."""
    rows = [
        {"index": k, "question": f"{k % 10} + {k % 7} solve", "answer": answer}
        for k, answer in enumerate(answers)
    ]
    return pd.DataFrame(rows)


def save(table: pd.DataFrame, directory: Path, name: str) -> Path:
    """Writes `<name>.tsv`."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.tsv"
    table.to_csv(path, sep="\t", index=False)
    return path
