"""Calibration questions: unlabelled questions, most of them about images, in a TSV file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from PIL import Image

from frism.errors import DataError

COLUMNS = ("index", "image", "question")
MIXED = "mixed"


@dataclass(frozen=True)
class Question:
    """A question, and the image that it is about if it has one.

    Args:
        encoded: The bytes of the image's file, of any format that Pillow reads; many decoded images
            would not fit into memory.
        text: The question.
        name: What its source calls it.
    """

    encoded: bytes | None
    text: str
    name: str = ""

    @property
    def image(self) -> Image.Image | None:
        """The image in RGB, with its pixels as they are stored: as in VLMEvalKit, none is turned.

        Raises:
            DataError: it cannot be decoded.
        """
        if self.encoded is None:
            return None
        try:
            with Image.open(io.BytesIO(self.encoded)) as picture:
                return picture.convert("RGB")
        # what Pillow raises for broken files depends on their format
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            what = f"the image of question {self.name} cannot be read"
            raise DataError(f"{what}: {error}; expected an image: replace or remove it") from None


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
    questions = [Question(decoded(path, i, image), text, i) for i, image, text in rows]
    check_images(path, questions)
    return questions


def decoded(source: Path, name: str, cell: str) -> bytes | None:
    """Returns the bytes that a cell holds as base64, None if it is empty.

    Raises:
        DataError: it is no base64; the message names source and question.
    """
    try:
        return base64.b64decode(cell, validate=True) if cell else None
    except (binascii.Error, ValueError) as error:
        what = f"the image of question {name} cannot be read"
        raise DataError(f"{source}: {what}: {error}; expected base64") from None


def check_images(source: object, questions: Sequence[Question]) -> None:
    """Decodes every image once, before a model is loaded for them.

    Raises:
        DataError: one cannot be read; the message names source and question.
    """
    for question in questions:
        try:
            _ = question.image
        except DataError as error:
            raise DataError(f"{source}: {error}") from None


def content_hash(questions: Sequence[Question]) -> str:
    """Returns the SHA-256 (hex) of what questions show and ask, whatever they were read from."""
    digest = hashlib.sha256()
    for question in questions:
        image = b"none" if question.encoded is None else hashlib.sha256(question.encoded).digest()
        digest.update(image + hashlib.sha256(question.text.encode()).digest())
    return digest.hexdigest()
