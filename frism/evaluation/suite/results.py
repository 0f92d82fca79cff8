"""What came out of one benchmark: one JSON file, written when its last question is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from frism.config.suites import Group, Judge
from frism.errors import DataError
from frism.evaluation.chains import Chains
from frism.evaluation.conditions import Generation
from frism.evaluation.records import SHA256
from frism.files import write_text


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Credit(_Entry):
    """What one question earned; its answer stands in the predictions.

    Attributes:
        index: Of the question.
        hit: Share of credit, 0 to 1.
        counted: Whether the score counts it.
    """

    index: int | str
    hit: float = Field(ge=0, le=1)
    counted: bool = True


class Marked(_Entry):
    """A question that could not be asked or judged, and counts as wrong.

    Attributes:
        index: Of the question.
        problem: What is wrong with it.
    """

    index: int | str
    problem: str


class BenchmarkResult(_Entry):
    """The score of a model on a benchmark and what it was made of.

    Attributes:
        version: Layout of the file, `schema` in JSON.
        model: Name of the checkpoint's folder.
        weights: SHA-256 (hex) of the model's weights.
        prompting: SHA-256 (hex) of the files that shape its prompts.
        data: SHA-256 (hex) of the benchmark's TSV file.
        predictions: Key of the answers (hex), which names the folder that keeps them.
        key: Key of this result (hex).
        score: Percent, from VLMEvalKit's own evaluation.
        low, high: Interval of 95 % in percent; None where the score is no mean of hits.
        metrics: All numbers that VLMEvalKit reports.
        count: Number of questions.
        counted: Number of those that the score counts.
        broken: Questions that could not be asked.
        failed: Questions that the judge could not judge.
        chains: How many answers have a chain of thought, how long, how many were cut off.
        tokens: Generated tokens of all questions.
        judge: Who judged.
        generation: Settings of the generation.
        versions: Of the packages that had a part in it.
        seconds: Wall time of generation, shared out evenly within each batch, and of scoring.
        questions: What each question earned.
    """

    version: Literal[1] = Field(1, alias="schema")
    model: str
    benchmark: str
    group: Group
    score: float = Field(ge=0, le=100)
    low: float | None
    high: float | None
    metrics: dict[str, float]
    count: int
    counted: int
    broken: tuple[Marked, ...]
    failed: tuple[Marked, ...]
    chains: Chains
    tokens: int
    judge: Judge
    judge_settings: dict[str, Any]
    generation: Generation
    weights: str = Field(pattern=SHA256)
    prompting: str = Field(pattern=SHA256)
    data: str = Field(pattern=SHA256)
    predictions: str = Field(pattern=SHA256)
    key: str = Field(pattern=SHA256)
    versions: dict[str, str]
    seconds: dict[str, float]
    questions: tuple[Credit, ...]


def write_result(result: BenchmarkResult, path: Path) -> None:
    """Writes a result atomically."""
    content = result.model_dump(mode="json", by_alias=True)
    content["questions"] = content.pop("questions")  # the long list last
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_results(folder: Path) -> list[BenchmarkResult]:
    """Returns the results in a folder in the order of their names.

    Raises:
        DataError: There is none, or one is malformed.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise DataError(f"found no result in {folder}; expected *.json: run frism eval")
    try:
        return [BenchmarkResult.model_validate_json(path.read_text("utf-8")) for path in paths]
    except ValidationError as error:
        found = f"{error.errors()[0]['loc']}: {error.errors()[0]['msg']}"
        raise DataError(
            f"a result in {folder} is malformed: {found}; run frism eval again"
        ) from error


def read_result(path: Path, key: str) -> BenchmarkResult | None:
    """Returns the result in a file if it is there, whole, and has the key."""
    try:
        found = BenchmarkResult.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None
    return found if found.key == key else None
