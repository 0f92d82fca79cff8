"""Which questions are shown: the same for the same records, failures beside successes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from frism.errors import DataError
from frism.evaluation.records import Question, Record
from frism.results.layout import existing

# whether FRISM and its rival are right
CASES = {
    (True, False): "FRISM right, {rival} wrong",
    (True, True): "both right",
    (False, True): "FRISM wrong, {rival} right",
    (False, False): "both wrong",
}
# VLMEvalKit lets a row name another row's image instead of repeating it
LONGEST_REFERENCE = 64


@dataclass(frozen=True)
class Sample:
    """One question with the answers of all methods.

    Args:
        benchmark: Name of the benchmark.
        group: Its group, such as `reasoning`.
        case: Who is right.
        share: Share of the benchmark's questions that are such a case.
        image: The image as base64, or None on a text benchmark.
        correct: The correct answer; of a multiple choice its letter and text.
        answers: Question record of each method; the first is the VLM's.
    """

    benchmark: str
    group: str
    case: str
    share: float
    image: str | None
    correct: str
    answers: dict[str, Question]


def choose_samples(
    records: Mapping[str, Record], ours: str, rival: str, rival_name: str, tsv: Path
) -> list[Sample]:
    """Chooses one question per case of one benchmark, by a hash of its index.

    Args:
        records: The record of each method on the benchmark, of one family.
        ours: The method whose successes and failures are shown.
        rival: The method that it is compared with.
        rival_name: How the rival is called.
        tsv: The benchmark's questions with images.

    Raises:
        DataError: A question or its image is missing.
    """
    asked = {
        method: {str(question.index): question for question in record.questions}
        for method, record in records.items()
    }
    benchmark, group = records[ours].benchmark, records[ours].group
    table = pd.read_csv(existing(tsv), sep="\t", dtype=str).set_index("index")
    found = []
    for case, label in CASES.items():
        members = [
            index
            for index in asked[ours]
            if (_right(asked[ours][index]), _right(asked[rival][index])) == case
        ]
        if members:
            index = min(members, key=lambda each: _order(benchmark, each))
            answers = {method: questions[index] for method, questions in asked.items()}
            share, text = len(members) / len(asked[ours]), label.format(rival=rival_name)
            image = _image(table, index, tsv)
            correct = _correct(table, index, asked[ours][index].answer)
            found.append(Sample(benchmark, group, text, share, image, correct, answers))
    return found


def common_records(
    records: Mapping[str, Mapping[str, Record]], benchmarks: Sequence[str]
) -> list[dict[str, Record]]:
    """Returns, per benchmark that every method was evaluated on, the record of each method."""
    return [
        {method: own[benchmark] for method, own in records.items()}
        for benchmark in benchmarks
        if all(benchmark in own for own in records.values())
    ]


def _right(question: Question) -> bool:
    return question.hit >= 0.5


def _order(benchmark: str, index: str) -> str:
    return hashlib.sha256(f"{benchmark}/{index}".encode()).hexdigest()


def _image(table: pd.DataFrame, index: str, tsv: Path) -> str | None:
    if index not in table.index:
        raise DataError(f"{tsv}: found no question {index} of the record; evaluate again")
    if "image" not in table:
        return None
    image = str(table.at[index, "image"])
    return str(table["image"].get(image, image)) if len(image) <= LONGEST_REFERENCE else image


def _correct(table: pd.DataFrame, index: str, answer: str) -> str:
    return f"{answer}. {table.at[index, answer]!s}" if answer in table else answer
