"""Calibration questions from a folder of images: the same questions in turn."""

from __future__ import annotations

from pathlib import Path

from frism.config.calibration import DESCRIBE, Calibration, image_files
from frism.distillation.questions import Question
from frism.distillation.sources.draw import Draw


def draw_from_images(source: Calibration, draw: Draw) -> list[Question]:
    """Draws images from a folder; the first is asked the first question, and so on in turn.

    Raises:
        DataError: there are too few images.
    """
    folder, asked = Path(source.images or ""), source.template or DESCRIBE
    files = image_files(folder)
    drawn = [files[position] for position in draw.positions(len(files), folder)]
    return [
        Question(file.read_bytes(), asked[k % len(asked)], file.relative_to(folder).as_posix())
        for k, file in enumerate(drawn)
    ]
