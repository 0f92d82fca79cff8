"""One pass over a benchmark file: what makes it unusable, and rows whose image is broken."""

from __future__ import annotations

import csv
import re
import string
from dataclasses import dataclass, field
from pathlib import Path

from frism.evaluation.broken_images import broken_files, broken_images
from frism.evaluation.local_files import LONGEST_REFERENCE, Row, image_folder, read_cells
from frism.evaluation.row_forms import RowForm, row_form

NEEDED = ("index", "question", "answer")
IMAGE = ("image", "image_path")
# their answers are compared letter by letter: anything but Yes would count as No
YES_NO = ("POPE", "MME", "HallusionBench")
LETTERS = re.compile(r"[A-Z](?:[, ]*[A-Z])*")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
WHOLE = re.compile(r"-?\d+")
# VLMEvalKit sorts the values of these, which a missing one among texts forbids
GROUPS = ("category", "l2-category", "split")
FETCH = "fetch the file again"
NO_IMAGE = "no image"


@dataclass
class Table:
    """What a pass over a file found.

    Args:
        path: the file.
        text: whether its questions have no images.
        problem: the first thing that makes it unusable; empty where there is none.
        broken: why the image of a row cannot be shown, by index.
    """

    path: Path
    text: bool
    problem: str = ""
    broken: dict[str, str] = field(default_factory=dict)
    _form: RowForm = field(init=False)
    _rows: list[Row] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)
    _references: dict[str, str] = field(default_factory=dict)
    _blank: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._form = row_form(self._name)

    @property
    def marked(self) -> dict[int | str, str]:
        """The rows with a broken image by index, a number where all indices are, as in the kit."""
        whole = all(each.isdecimal() for each in self._seen)
        return {int(key) if whole else key: reason for key, reason in self.broken.items()}

    def read(self) -> None:
        """Looks at all rows."""
        try:
            self._read()
        except (csv.Error, UnicodeDecodeError) as error:
            last = f" after row {len(self._seen)}" if self._seen else ""
            self._fail(f"cannot be read{last}: {error}; it may be cut off: {FETCH}")

    @property
    def _name(self) -> str:
        return self.path.stem.removesuffix("_local")

    def _read(self) -> None:
        cells = read_cells(self.path)
        header = next(cells, [])
        if missing := self._missing(header):
            found = f"found the columns {', '.join(header)}" if header else "found nothing"
            self._fail(f"{found}; expected {', '.join(missing)} too; {FETCH} or add them")
            return
        for number, row in enumerate((cell for cell in cells if cell), start=1):
            if len(row) != len(header):
                found = f"row {number}: found {len(row)} cells; expected {len(header)}"
                self._fail(f"{found}, as the columns; it may be cut off: {FETCH}")
                continue
            self._look(number, dict(zip(header, row, strict=True)))
        self._count()
        self._group()
        if not self._seen:
            self._fail(f"found no question; expected at least one row; {FETCH}")
        self._follow()
        if self._seen and list(self.broken.values()).count(NO_IMAGE) == len(self._seen):
            self._fail(f"found an image in no row; expected one in each; {FETCH}")
        if self._form.rows and not self.problem and (problem := self._form.rows(self._rows)):
            self._fail(f"{problem}; {FETCH}")

    def _missing(self, header: list[str]) -> list[str]:
        missing = [name for name in (*NEEDED, *self._form.columns) if name not in header]
        if not self.text and not set(IMAGE) & set(header):
            missing.append(" or ".join(IMAGE))
        letters = [each for each in header if each in tuple(string.ascii_uppercase)]
        if len(letters) > 1:
            options = string.ascii_uppercase.partition(max(letters))[0]
            missing += [each for each in options if each not in (*letters, *missing)]
        return missing

    def _look(self, number: int, row: Row) -> None:
        index = row["index"].strip()
        index = str(int(index)) if index.isdecimal() else index
        place = f"row {number}, index {index or 'empty'}"
        if not index:
            self._fail(f"{place}: expected a number or text that no other row has")
        elif index in self._seen:
            first = self._seen[index]
            self._fail(f"{place}: row {first} has the same index; expected another; {FETCH}")
        self._seen.setdefault(index, number)
        if problem := _answer_problem(self._name, row) or self._form.row(row):
            self._fail(f"{place}: {problem}; mend the row or {FETCH}")
        for name in GROUPS if _options(row) else ():
            if not row.get(name, "?").strip():
                self._blank.setdefault(name, []).append(place)
        if self._form.rows:
            self._rows.append({name: row[name] for name in ("index", *self._form.columns)})
        if not self.text and (reason := self._broken(index, row)):
            self.broken[index] = reason

    def _broken(self, index: str, row: Row) -> str:
        image = row.get("image")
        if image is None:
            paths = row["image_path"]
            return broken_files(paths, image_folder(self.path)) if paths else NO_IMAGE
        if image and len(image) <= LONGEST_REFERENCE:
            self._references[index] = str(int(image)) if image.isdecimal() else image
            return ""
        return broken_images(image) if image else NO_IMAGE

    def _count(self) -> None:
        """Looks for fractions: pandas takes a column of numbers for numbers, and 1.0 for 1."""
        if all(NUMBER.fullmatch(index) for index in self._seen):
            for index, number in self._seen.items():
                if not WHOLE.fullmatch(index):
                    expected = "expected a whole number, as VLMEvalKit does"
                    self._fail(f"row {number}: found the index {index}; {expected}: write one")

    def _group(self) -> None:
        """Looks for groups that some rows with options name and others do not."""
        for name, places in self._blank.items():
            if len(places) < len(self._seen):
                found = f"{places[0]}: found no {name}; expected one, as in other rows"
                self._fail(f"{found}; mend the row or {FETCH}")

    def _follow(self) -> None:
        """Looks where references to the image of another row lead."""
        for index, target in self._references.items():
            place = f"row {self._seen[index]}, index {index}"
            if target not in self._seen:
                found = f"{place}: found '{target}' for an image, but no row has that index"
                self._fail(f"{found}; expected an image or the index of a row that has one")
            elif target in self._references:
                found = f"{place}: found '{target}' for an image, but that row has none either"
                self._fail(f"{found}; expected the index of a row that has one")
            elif target in self.broken:
                self.broken[index] = f"the image is that of {target}: {self.broken[target]}"

    def _fail(self, problem: str) -> None:
        self.problem = self.problem or f"{self.path}: {problem}"


def _answer_problem(name: str, row: Row) -> str:
    answer = row["answer"].strip()
    if name in YES_NO:
        right = answer in ("Yes", "No")
        return "" if right else f"found the answer '{answer}'; expected Yes or No"
    if not answer:
        return "found no answer; expected one"
    options = _options(row)
    # an open question among others has none
    if not options:
        return ""
    if not row["question"].strip():
        return "found no question; expected one"
    letters = set(answer) - set(", ")
    if LETTERS.fullmatch(answer) and letters <= set(options):
        return ""
    return f"found the answer '{answer[:40]}'; expected one of the options {', '.join(options)}"


def _options(row: Row) -> list[str]:
    named = [each for each in string.ascii_uppercase if row.get(each, "").strip()]
    return named if {"A", "B"} <= row.keys() else []
