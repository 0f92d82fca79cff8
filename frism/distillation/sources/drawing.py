"""Drawing calibration questions from a source, and writing them to the file that gates read."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from frism.config.calibration import Calibration, Kind
from frism.config.calibration_checks import source_problems
from frism.distillation.questions import (
    COLUMNS,
    MIXED,
    Question,
    calibration_file,
    check_images,
    content_hash,
)
from frism.distillation.sources.benchmark import draw_from_benchmark
from frism.distillation.sources.dataset import draw_from_dataset
from frism.distillation.sources.draw import Draw
from frism.distillation.sources.images import draw_from_images
from frism.errors import ConfigError, DataError
from frism.files import write_text

SOURCE_FILE = "source.json"
DRAWN_FROM: Mapping[Kind, Callable[[Calibration, Draw], list[Question]]] = {
    "benchmark": draw_from_benchmark,
    "dataset": draw_from_dataset,
    "images": draw_from_images,
}


def draw_questions(
    source: Calibration, count: int, seed: int, least: int | None = None
) -> list[Question]:
    """Draws questions about images from a source; answers are never read.

    The same source, seed and count give the same questions, and a smaller count their beginning.

    Args:
        source: What they are drawn from.
        count: How many are wanted.
        seed: Of the choice.
        least: How many there must be, `count` if left out; all are drawn where there are between.

    Raises:
        ConfigError: the source is described wrongly, or is not there.
        DataError: it lacks a column or questions, or an image cannot be read.
    """
    if count < 1:
        raise ConfigError(f"calibration: found count {count}; expected at least 1 question")
    least = min(count, count if least is None else least)
    if problems := list(source_problems(source, least)):
        raise ConfigError("\n".join(f"calibration{key}: {message}" for key, message in problems))
    (kind,) = source.kinds
    questions = DRAWN_FROM[kind](source, Draw(count, seed, least))
    for question in questions:
        if not question.text.strip():
            raise DataError(f"{source}: question {question.name} is empty; expected text")
    check_images(source, questions)
    return questions


def write_questions(
    questions: Sequence[Question], source: Calibration, seed: int, directory: Path
) -> None:
    """Writes questions as a calibration TSV, with a file that says where each is from."""
    file = directory / calibration_file(MIXED)
    with file.open("w", encoding="utf-8", newline="") as lines:
        # all in quotes: a question may hold any line break
        writer = csv.writer(lines, delimiter="\t", quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for number, each in enumerate(questions):
            writer.writerow([number, base64.b64encode(each.encoded or b"").decode(), each.text])
    record = {
        "source": source.model_dump(exclude_defaults=True),
        "seed": seed,
        "content": content_hash(questions),
        "questions": [each.name for each in questions],
    }
    write_text(directory / SOURCE_FILE, json.dumps(record, indent=1) + "\n")
