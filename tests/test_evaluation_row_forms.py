"""Rows on which VLMEvalKit's evaluations would end, or be wrong in silence, are told before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from frism.errors import DataError
from frism.evaluation.row_forms import FORMS, row_form
from frism.evaluation.tables import check_tables
from tests import kit_formats_perception, kit_formats_reasoning, kit_formats_steps
from tests.kit_formats import save_rows

CASES = [*kit_formats_perception.cases(), *kit_formats_reasoning.cases()]
# its truths stand in another column; it is for calibration alone
TABLES = {case.name: case.rows for case in CASES if case.name != "VizWiz"}
TABLES["WeMath"] = kit_formats_steps.rows()


def refused(table: pd.DataFrame, name: str, folder: Path) -> str:
    path = save_rows(table, folder, name)
    with pytest.raises(DataError) as caught:
        check_tables([path], unverified=True)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}: ")
    assert "fetch the file again" in line
    return line


def with_cell(name: str, row: int, **cells: Any) -> pd.DataFrame:
    """Returns the rows of a benchmark with other cells in one, counted from 1."""
    table = TABLES[name].astype(object)
    for column, value in cells.items():
        table.loc[row - 1, column] = value
    return table


@pytest.mark.parametrize("name", TABLES)
def test_files_in_the_formats_of_the_real_ones_are_sound(name: str, tmp_path: Path) -> None:
    path = save_rows(TABLES[name], tmp_path, name)
    assert check_tables([path], unverified=True) == {name: {}}


COLUMNS = [(name, column) for name in TABLES for column in row_form(name).columns]


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_a_column_that_is_read_must_be_there(name: str, column: str, tmp_path: Path) -> None:
    found = refused(TABLES[name].drop(columns=column), name, tmp_path)
    assert f"; expected {column} too; " in found


def test_no_option_is_left_out_among_the_columns(tmp_path: Path) -> None:
    found = refused(TABLES["MMStar"].drop(columns=["B", "C"]), "MMStar", tmp_path)
    assert "; expected B, C too; " in found


def test_groups_that_no_row_has_are_none(tmp_path: Path) -> None:
    path = save_rows(TABLES["MMStar"].assign(category=None), tmp_path, "MMStar")
    assert check_tables([path], unverified=True) == {"MMStar": {}}


WRONG: list[tuple[str, int, dict[str, Any], str]] = [
    ("MathVista_MINI", 1, {"choices": "3/11, 8/11"}, "the choices '3/11, 8/11'; expected a list"),
    ("MathVista_MINI", 5, {"answer_option": "D"}, "the answer_option 'D'; expected one of the"),
    ("MathVista_MINI", 2, {"question_type": "open"}, "'open'; expected multi_choice or free_form"),
    ("MathVista_MINI", 2, {"answer": "many"}, "the answer 'many'; expected a whole number"),
    ("MathVista_MINI", 3, {"answer": "1,45"}, "the answer '1,45'; expected a number"),
    ("MathVista_MINI", 3, {"skills": "arithmetic"}, "skills 'arithmetic'; expected a list"),
    ("MathVista_MINI", 3, {"task": None}, "found no task; expected one"),
    ("MathVista_MINI", 2, {"question": None}, "found no question; expected one"),
    ("MathVision", 2, {"question": None}, "found no question; expected one"),
    ("MMStar", 1, {"question": None}, "row 1, index 0: found no question; expected one"),
    ("MMStar", 2, {"l2-category": None}, "row 2, index 1: found no l2-category; expected one, as"),
    ("MMBench_DEV_EN", 1, {"split": None}, "found no split; expected one, as in other rows"),
    ("MathVision", 1, {"answer": "Z"}, "the answer 'Z'; expected one of the options A, B, C, D, E"),
    ("MathVision_MINI", 2, {"choices": None}, "the choices ''; expected a list, empty for an open"),
    ("MathVerse_MINI", 2, {"metadata": "plane"}, "the metadata 'plane'; expected a mapping with"),
    ("MathVerse_MINI_Text_Lite", 2, {"metadata": "{'subject': 'x'}"}, "subject and subfield"),
    ("MathVerse_MINI", 1, {"answer": "40"}, "the answer '40'; expected one of the options A, B"),
    ("MathVerse_MINI", 1, {"question_type": "?"}, "expected one of multi-choice, free-form"),
    ("LogicVista", 2, {"skill": "luck"}, "the skill 'luck'; expected one of inductive, deductive"),
    ("LogicVista", 2, {"answer": "A,C"}, "the answer 'A,C'; expected letters such as A or 'A, C'"),
    ("DynaMath", 2, {"answer": "42"}, "the answer '42'; expected one of the options A, B, C, D, E"),
    ("DynaMath", 1, {"answer": "half"}, "the answer 'half'; expected a number"),
    ("DynaMath", 5, {"subject": None}, "found no subject; expected one"),
    ("DynaMath", 2, {"index": 7}, "index 7: no question with the varid 1 has the index 1, its"),
    ("WeMath", 3, {"key": "4steps_1"}, "the key '4steps_1'; expected one such as 2steps_1 or"),
    ("WeMath", 3, {"ID": 1}, "found 523 problems with all their steps, 525 in all; expected"),
    ("POPE", 2, {"category": None}, "row 2, index 1: found no category; expected one"),
    ("HallusionBench", 3, {"index": 3}, "row 3, index 3: found the index '3'; expected one such"),
    ("MME", 4, {"category": "taste"}, "the category 'taste'; expected one of OCR, artwork"),
    ("MME", 4, {"image_path": "x.png"}, "found one question about artwork/0.png in artwork"),
    ("OCRBench", 1, {"category": "OCR"}, "the category 'OCR'; expected one of Regular Text"),
    ("OCRBench", 2, {"answer": "CENTRE"}, "the answer 'CENTRE'; expected a list of quoted texts"),
    ("TextVQA_VAL", 2, {"answer": "exit"}, "the answer 'exit'; expected a list of quoted texts"),
]


@pytest.mark.parametrize(("name", "row", "cells", "message"), WRONG)
def test_a_wrong_row_is_told(
    name: str, row: int, cells: dict[str, Any], message: str, tmp_path: Path
) -> None:
    assert message in refused(with_cell(name, row, **cells), name, tmp_path)


@pytest.mark.parametrize(("name", "lost"), [("WeMath", 1739), ("DynaMath", 0)])
def test_parts_of_files_that_count_as_a_whole_are_refused(
    name: str, lost: int, tmp_path: Path
) -> None:
    assert "expected the complete file" in refused(TABLES[name].drop(index=lost), name, tmp_path)


def test_every_form_is_tested() -> None:
    named = {name for name in TABLES if row_form(name).columns or row_form(name).rows}
    tested = {name for name, *_ in WRONG}
    assert named <= tested | {name for name, _ in COLUMNS}
    assert {id(row_form(name)) for name in tested} == {id(form) for form in FORMS.values()}
    assert row_form("MyOwn").columns == ()
