"""What is wrong with a row of a benchmark that has columns of its own; empty if nothing is.

Standard library only.
"""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Callable, Sequence

from frism.evaluation.local_files import Row

SKILLS = ("inductive", "deductive", "numerical", "spatial", "mechanical")
# VLMEvalKit splits an answer of several letters at a comma with a blank
SEVERAL = re.compile(r"[A-Z](?:(?:, )?[A-Z])*")
WEMATH_STEPS = {"2steps": {"1", "2", "multi"}, "3steps": {"1", "2", "3", "multi"}}
# the last three parts are set, figure and question
HALLUSION_PARTS = 6
Check = Callable[[Row], str]


def _found(column: str, row: Row, expected: str) -> str:
    return f"found the {column} '{row[column][:40]}'; expected {expected}"


def filled(*columns: str) -> Callable[[Row], str]:
    """Returns a check that columns are not empty."""

    def check(row: Row) -> str:
        empty = [name for name in columns if not row[name].strip()]
        return f"found no {empty[0]}; expected one" if empty else ""

    return check


def one_of(column: str, values: Sequence[str]) -> Callable[[Row], str]:
    """Returns a check that a column holds one of some values."""

    def check(row: Row) -> str:
        known = row[column] in values
        return "" if known else _found(column, row, f"one of {', '.join(values)}")

    return check


def _list(cell: str) -> list[object] | None:
    try:
        found = ast.literal_eval(cell)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def texts(column: str) -> Callable[[Row], str]:
    """Returns a check that a column holds a Python list of texts, at least one."""

    def check(row: Row) -> str:
        found = _list(row[column])
        right = found and all(isinstance(each, str) for each in found)
        return "" if right else _found(column, row, "a list of quoted texts")

    return check


def _letter(column: str, options: Sequence[object], row: Row) -> str:
    letters = string.ascii_uppercase[: len(options)]
    right = row[column] in tuple(letters)
    return "" if right else _found(column, row, f"one of the options {', '.join(letters)}")


def _number(kind: Callable[[str], object], name: str, row: Row) -> str:
    try:
        kind(row["answer"])
    except ValueError:
        return _found("answer", row, name)
    return ""


def mathvista(row: Row) -> str:
    """Checks types, options and skills; numbers are compared as what answer_type says."""
    if problem := texts("skills")(row) or filled("question", "task")(row):
        return problem
    if row["question_type"] == "multi_choice":
        options = _list(row["choices"])
        return _letter("answer_option", options, row) if options else texts("choices")(row)
    if row["question_type"] != "free_form":
        return _found("question_type", row, "multi_choice or free_form")
    if row["answer_type"] == "integer":
        return _number(int, "a whole number, as its answer_type says", row)
    if row["answer_type"] == "float":
        return _number(float, "a number, as its answer_type says", row)
    return one_of("answer_type", ("integer", "float", "list", "text"))(row)


def mathvision(row: Row) -> str:
    """Checks that there is a question and that an answer with options names one."""
    if problem := filled("question")(row):
        return problem
    options = _list(row["choices"])
    if options is None:
        return _found("choices", row, "a list, empty for an open question")
    return _letter("answer", options, row) if options else ""


def mathverse(row: Row) -> str:
    """Checks the metadata, by which scores are split, and the letter of an option."""
    try:  # as VLMEvalKit reads it
        described = json.loads(row["metadata"].replace("'", '"'))
    except ValueError:
        described = None
    if not isinstance(described, dict) or not {"subject", "subfield"} <= described.keys():
        return _found("metadata", row, "a mapping with subject and subfield")
    if row["question_type"] == "multi-choice":
        return _letter("answer", string.ascii_uppercase, row)
    return one_of("question_type", ("multi-choice", "free-form"))(row)


def logicvista(row: Row) -> str:
    """Checks skill and letters."""
    if not SEVERAL.fullmatch(row["answer"]):
        return _found("answer", row, "letters such as A or 'A, C'")
    known = any(skill in row["skill"] for skill in SKILLS)
    return "" if known else _found("skill", row, f"one of {', '.join(SKILLS)}")


def dynamath(row: Row) -> str:
    """Checks that an answer is of its type."""
    if row["answer_type"] == "multiple choice":
        return _letter("answer", "ABCDE", row)
    if row["answer_type"] == "float":
        return _number(float, "a number, as its answer_type says", row)
    return filled("answer_type", "subject", "knowledge_level")(row)


def hallusion(row: Row) -> str:
    """Checks the index, in which figure and question are named."""
    if len(row["index"].split("_")) >= HALLUSION_PARTS:
        return ""
    return _found("index", row, "one such as VD_chart_1_5_0_0, with set, figure and question")


def wemath(row: Row) -> str:
    """Checks which step of which problem it is."""
    steps, _, part = row["key"].partition("_")
    right = part in WEMATH_STEPS.get(steps, ())
    return "" if right else _found("key", row, "one such as 2steps_1 or 3steps_multi")
