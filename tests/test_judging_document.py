"""The examples of docs/judges.md are what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest

from frism.judging import Kind, equal, extract
from frism.judging.kinds import KINDS

DOCUMENT = (Path(__file__).parents[1] / "docs" / "judges.md").read_text(encoding="utf-8")
ROW = re.compile(rf"^\| ({'|'.join(KINDS)}) \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
ROWS = [tuple(cell.strip() for cell in row) for row in ROW.findall(DOCUMENT)]


def text_of(cell: str) -> str:
    return re.sub(r" ?⏎ ?", "\n", cell.removeprefix("`").removesuffix("`"))


def options_of(cell: str) -> dict[str, str]:
    pairs = (pair.partition(": ") for pair in text_of(cell).split("; ") if pair)
    return {letter: text for letter, _, text in pairs}


@pytest.mark.parametrize(
    ("kind", "options", "text", "answer"), [row for row in ROWS if row[3] not in ("yes", "no")]
)
def test_extraction(kind: str, options: str, text: str, answer: str) -> None:
    found = extract(text_of(text), cast(Kind, kind), options_of(options))
    assert found == (None if answer == "none" else text_of(answer))


@pytest.mark.parametrize(
    ("kind", "found", "truth", "same"), [row for row in ROWS if row[3] in ("yes", "no")]
)
def test_equality(kind: str, found: str, truth: str, same: str) -> None:
    assert equal(text_of(found), text_of(truth), cast(Kind, kind)) == (same == "yes")


def test_every_kind_and_every_row_of_the_document_is_read() -> None:
    assert {row[0] for row in ROWS} == set(KINDS)
    lines = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and "`" in line]
    judges = [line for line in lines if line.startswith("| `")]
    assert len(lines) - len(judges) == len(ROWS)
