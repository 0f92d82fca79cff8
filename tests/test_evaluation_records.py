"""Records survive a round trip, and malformed ones are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from frism.errors import DataError
from frism.evaluation.records import Question, Record, read_record, read_records, write_record

QUESTION = Question(
    index=3,
    question="solve",
    answer="9",
    prediction="<think> 7 + 2 = 9 </think> 9",
    thinking="7 + 2 = 9",
    final="9",
    hit=1.0,
    tokens=9,
    chain=True,
    cut=False,
)
RECORD = Record(
    pair="embedded",
    family=1,
    method="frism",
    parameters={"alpha": 0.3, "lambda_lrm": 1.0},
    benchmark="FrismSolve",
    group="reasoning",
    split="validation",
    weights="0123456789abcdef" * 4,
    data="12" * 32,
    code="34" * 32,
    score=100.0,
    questions=(QUESTION,),
    count=1,
    seconds=0.5,
    tokens=9,
    chain_share=1.0,
    cut_share=0.0,
    judge="exact",
    extractor="after </think>",
    generation={"decoding": "greedy", "max_new_tokens": 64, "blind": False},
    versions={"torch": "2.13.0"},
)


def test_round_trip(tmp_path: Path) -> None:
    path = write_record(RECORD, tmp_path)
    assert path.name == "0123456789abcdef_FrismSolve_validation.json"
    assert read_record(path) == RECORD
    assert read_records(tmp_path) == [RECORD]


def test_the_file_states_its_schema(tmp_path: Path) -> None:
    content = json.loads(write_record(RECORD, tmp_path).read_text())
    assert content["schema"] == 2
    assert content["parameters"] == {"alpha": 0.3, "lambda_lrm": 1.0}
    assert content["questions"][0]["final"] == "9"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 1}, "schema"),
        ({"score": None}, "score"),
        ({"count": 7}, "count is 7 but there are 1 questions"),
        ({"group": "speed"}, "group"),
        ({"questions": []}, "questions"),
    ],
)
def test_a_malformed_record_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = write_record(RECORD, tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=message) as error:
        read_record(path)
    assert str(path) in str(error.value)


def test_missing_records(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no record found"):
        read_records(tmp_path)
    with pytest.raises(DataError, match="cannot read record"):
        read_record(tmp_path / "absent.json")
