"""What a model did on one benchmark split: JSON files that tables and figures read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from frism.config.suites import BenchmarkGroup, Group, Judge
from frism.errors import DataError
from frism.files import write_text

Split = Literal["validation", "test"]
Groups = Mapping[Group, BenchmarkGroup]
HASH_CHARACTERS = 16
SHA256 = "^[0-9a-f]{64}$"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Question(_Entry):
    """One question with the model's answer; `hit` is the share of credit, 0 to 1."""

    index: int | str
    question: str
    answer: str
    prediction: str
    thinking: str
    final: str
    hit: float = Field(ge=0, le=1)
    tokens: int = Field(ge=0)
    chain: bool
    cut: bool


class Measurement(_Entry):
    """Answers and scores of a model's weights on one benchmark split, whatever they were made by.

    Attributes:
        version: layout of the file, `schema` in JSON.
        weights: SHA-256 (hex) of the model's weights.
        data: SHA-256 (hex) of the benchmark's TSV file.
        code: SHA-256 (hex) of the code that asked and scored.
        score: percent, from VLMEvalKit's own result file.
        seconds: wall time of generation, shared out evenly within each batch.
        tokens: generated tokens of all questions.
        chain_share: share of answers with a closed chain that is not empty, 0 to 1.
        cut_share: share of answers cut off by the token limit, 0 to 1.
    """

    version: Literal[2] = Field(2, alias="schema")
    benchmark: str
    split: Split
    weights: str = Field(pattern=SHA256)
    data: str = Field(pattern=SHA256)
    code: str = Field(pattern=SHA256)
    score: float = Field(ge=0, le=100)
    questions: tuple[Question, ...] = Field(min_length=1)
    count: int
    seconds: float
    tokens: int
    chain_share: float
    cut_share: float
    judge: Judge
    extractor: str
    generation: dict[str, bool | int | float | str]
    versions: dict[str, str]

    @model_validator(mode="after")
    def _count_matches(self) -> Self:
        if self.count != len(self.questions):
            raise ValueError(f"count is {self.count} but there are {len(self.questions)} questions")
        return self


@dataclass(frozen=True)
class Origin:
    """What a measured model is.

    Attributes:
        pair: name of the pair.
        family: seed of the family.
        method: slug of the merge method, or `vlm` or `lrm`.
        parameters: of the merge, without those that have their usual value.
    """

    pair: str
    family: int
    method: str
    parameters: Mapping[str, float | str]

    def __str__(self) -> str:
        return f"{self.method} family {self.family}"


class Record(Measurement):
    """Scores of one model on one benchmark split: a measurement and what was measured.

    Attributes are those of `Measurement` and `Origin`, and the benchmark's group.
    """

    pair: str
    family: int
    method: str
    parameters: dict[str, float | str]
    group: Group

    @property
    def file_name(self) -> str:
        """The name of the record's file: its weights, benchmark and split."""
        return f"{self.weights[:HASH_CHARACTERS]}_{self.benchmark}_{self.split}.json"


def record_of(measurement: Measurement, origin: Origin, groups: Groups) -> Record:
    """Returns the record of a measurement for a model that has the measured weights."""
    (group,) = [name for name, each in groups.items() if measurement.benchmark in each.benchmarks]
    return Record(**dict(measurement), **vars(origin), group=group)


def write_record(record: Record, directory: str | Path) -> Path:
    """Writes `record` atomically into `directory` under its own name and returns the path."""
    path = Path(directory) / record.file_name
    content = record.model_dump(mode="json", by_alias=True)
    content["questions"] = content.pop("questions")  # the long list last
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path


def read_record(path: str | Path) -> Record:
    """Reads one record.

    Raises:
        DataError: The file is missing, no JSON, or lacks what a record must hold.
    """
    try:
        return Record.model_validate_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(
            f"cannot read record {path}: {error.strerror}; expected a JSON file, run the evaluation"
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"]) or "file"
        raise DataError(
            f"record {path} is malformed: {place}: {problem['msg'].lower()}; evaluate again"
        ) from error


def read_records(directory: str | Path) -> list[Record]:
    """Reads all records of `directory` in the order of their names.

    Raises:
        DataError: The directory holds no record, or one is malformed.
    """
    paths = sorted(Path(directory).glob("*.json"))
    if not paths:
        raise DataError(f"no record found in {directory}; expected *.json, run the evaluation")
    return [read_record(path) for path in paths]
