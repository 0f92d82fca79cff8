"""Calibration questions from a benchmark of VLMEvalKit: its TSV, without its answers.

A row is its question and, of multiple choice, its options. Its image is a base64 cell, the index
of another row that has the image (at most 64 characters), or a file named by `image_path`. Rows
without an image are left out, as VLMEvalKit does. A row with several images is refused: a question
about two images makes no sense about one.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from string import ascii_uppercase

from frism.config.calibration import Calibration
from frism.config.calibration_checks import BENCHMARK_COLUMNS
from frism.distillation.questions import Question, decoded
from frism.distillation.sources.draw import Draw
from frism.errors import DataError
from frism.tsv import columns_problem, tsv_rows

LONGEST_REFERENCE = 64
Row = Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A benchmark's TSV, read row by row: the whole may not fit into memory.

    Args:
        file: The TSV.
        images: Folder that paths of images start from, if not from that of the TSV.
    """

    file: Path
    images: Path

    def rows(self) -> Iterator[Row]:
        """Yields the rows by column."""
        try:
            yield from self._rows()
        except (OSError, csv.Error) as error:
            raise DataError(f"{self.file} cannot be read: {error}; expected a TSV") from None

    def _rows(self) -> Iterator[Row]:
        rows = tsv_rows(self.file)
        columns = next(rows, [])
        if problem := columns_problem(columns, BENCHMARK_COLUMNS):
            raise DataError(f"{self.file}: {problem}")
        for number, cells in enumerate(filter(None, rows), 1):
            if len(cells) != len(columns):
                raise DataError(
                    f"{self.file}: row {number} has {len(cells)} cells; expected {len(columns)}"
                )
            yield dict(zip(columns, cells, strict=True))

    def indices(self) -> dict[str, str]:
        """Returns the rows with images by index, each with the index of the row that holds it."""
        found: dict[str, str] = {}
        for row in self.rows():
            index, cell = row["index"], _cell(row)
            if index in found:
                raise DataError(f"{self.file}: index {index} appears twice; expected once")
            found[index] = cell if "image" in row and _is_reference(cell) else index
            if not cell:
                found[index] = ""
        return found


def draw_from_benchmark(source: Calibration, draw: Draw) -> list[Question]:
    """Draws questions about images from a benchmark.

    Raises:
        DataError: the table is no benchmark's, has too few rows with images, or a drawn row has
            several images or refers to a row without one.
    """
    file = source.place
    assert file is not None
    table = Table(file, file.parent / "images" / file.stem)
    holders = {index: holder for index, holder in table.indices().items() if holder}
    shown = list(holders)
    drawn = [shown[position] for position in draw.positions(len(shown), file)]
    needed = {*drawn, *(holders[index] for index in drawn)}
    rows = {row["index"]: row for row in table.rows() if row["index"] in needed}
    return [_question(table, rows, index, holders[index]) for index in drawn]


def _question(table: Table, rows: Mapping[str, Row], index: str, holder: str) -> Question:
    if holder not in rows or ("image" in rows[index] and _is_reference(_cell(rows[holder]))):
        raise DataError(
            f"{table.file}: question {index} shows the image of row {holder}, which has none; "
            "expected the index of a row with an image"
        )
    images = _listed(_cell(rows[holder]))
    if len(images) != 1:
        raise DataError(
            f"{table.file}: question {index} shows {len(images)} images; calibration questions "
            "have one: choose another benchmark, or remove such rows"
        )
    return Question(_encoded(table, rows[holder], images[0]), _text(rows[index]), index)


def _cell(row: Row) -> str:
    return row["image" if "image" in row else "image_path"].strip()


def _is_reference(cell: str) -> bool:
    return len(cell) <= LONGEST_REFERENCE


def _listed(cell: str) -> list[str]:
    if not (cell.startswith("[") and cell.endswith("]")):
        return [cell]
    try:
        return [str(each) for each in ast.literal_eval(cell)]
    except (ValueError, SyntaxError, TypeError):
        return [cell]


def _encoded(table: Table, row: Row, image: str) -> bytes | None:
    if "image" in row:
        return decoded(table.file, row["index"], image)
    places = [folder / image for folder in (Path(), table.file.parent, table.images)]
    for place in places:
        if place.is_file():
            return place.read_bytes()
    raise DataError(
        f"{table.file}: the image of question {row['index']}, {image}, does not exist; expected it "
        f"in {places[1].parent} or {places[2].parent}"
    )


def _text(row: Row) -> str:
    """Returns the question with its options, which are no label."""
    options = ((letter, row.get(letter, "")) for letter in ascii_uppercase)
    return "\n".join(chain([row["question"]], (f"{k}. {text}" for k, text in options if text)))
