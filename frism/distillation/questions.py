"""Calibration questions: unlabelled questions, most of them about images, in a TSV file."""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError

from frism.errors import DataError

COLUMNS = ("index", "image", "question")
MIXED = "mixed"


@dataclass(frozen=True)
class Question:
    """A question, and the image that it is about if it has one."""

    image: Image.Image | None
    text: str


def calibration_file(kind: str) -> str:
    """Returns the name of the file that holds a kind of calibration questions."""
    return "calibration.tsv" if kind == MIXED else f"calibration_{kind}.tsv"


def read_questions(path: Path, count: int) -> list[Question]:
    """Reads the first `count` questions of a calibration TSV (index, image as base64, question).

    A question whose image is empty has none.

    Raises:
        DataError: the file is missing, lacks a column or rows, or an image cannot be decoded.
    """
    if not path.is_file():
        raise DataError(f"{path} does not exist; expected a TSV with columns {list(COLUMNS)}")
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, nrows=count)
    if missing := [column for column in COLUMNS if column not in table.columns]:
        raise DataError(f"{path} lacks columns {missing}; found {list(table.columns)}")
    if len(table) < count:
        raise DataError(
            f"{path} has {len(table)} questions; expected at least {count}: "
            "lower distillation.images, or the parameter images, or add questions"
        )
    rows = zip(table["index"], table["image"], table["question"], strict=True)
    return [Question(_decode(path, index, image), question) for index, image, question in rows]


def _decode(path: Path, index: str, image: str) -> Image.Image | None:
    if not image:
        return None
    try:
        with Image.open(io.BytesIO(base64.b64decode(image, validate=True))) as picture:
            return picture.convert("RGB")
    except (binascii.Error, UnidentifiedImageError) as error:
        raise DataError(f"{path}: the image of question {index} cannot be read: {error}") from None
