"""Small benchmark files in the formats of the real ones, under their names, and how to score them.

The columns are those that VLMEvalKit's prompts and evaluations read; images are real files.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from frism.config.suites import Judge as JudgeName
from frism.evaluation import kit
from frism.evaluation.answers import Answer
from frism.evaluation.datasets import build
from frism.evaluation.judges import judge_of
from frism.evaluation.scoring import Scored, score

Said = str | tuple[str, bool]  # text, or text and whether the model ended it
CUT = False


def encoded(seed: int, file_format: str = "PNG", size: int = 12) -> str:
    """Returns an image of random colours as a cell holds it."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, file_format)
    return base64.b64encode(buffer.getvalue()).decode()


def table(rows: Sequence[Mapping[str, Any]], file_format: str = "PNG") -> pd.DataFrame:
    """Returns a benchmark's rows, each with an index and an image unless it brings its own."""
    return pd.DataFrame(
        [{"index": k, "image": encoded(k, file_format)} | dict(row) for k, row in enumerate(rows)]
    )


def choices(*options: str, **more: Any) -> dict[str, Any]:
    """Returns a multiple-choice question with options A, B, ..."""
    return {"question": "Which one is it?"} | dict(zip("ABCDEFGHIJ", options, strict=False)) | more


@dataclass(frozen=True)
class Case:
    """A benchmark, what a model says, and what each judge must make of it, counted by hand.

    Attributes:
        name: the benchmark's name in VLMEvalKit.
        rows: the benchmark.
        said: the model's answers in the order of the rows.
        hits: judge -> credit of each question.
        scores: judge -> headline in percent.
        replies: what a language model would reply to a prompt of the evaluation.
    """

    name: str
    rows: pd.DataFrame
    said: Sequence[Said]
    hits: Mapping[JudgeName, Sequence[float]]
    scores: Mapping[JudgeName, float]
    replies: Callable[[str], str] = field(default=lambda prompt: "Z")


@dataclass
class Scripted:
    """A language model whose replies are known; it keeps what it was asked."""

    replies: Callable[[str], str]
    prompts: list[str] = field(default_factory=list)

    def working(self) -> bool:
        return True

    def generate(self, prompt: Any, **settings: Any) -> str:
        text = prompt if isinstance(prompt, str) else prompt[-1]["value"]
        self.prompts.append(text)
        return self.replies(text)


def last_answer(replies: Mapping[str, str], mark: str) -> Callable[[str], str]:
    """Returns a model that replies to what stands after the last `mark` of a prompt."""

    def reply(prompt: str) -> str:
        asked = prompt.rpartition(mark)[2]
        return next((text for key, text in replies.items() if key in asked), "Z")

    return reply


def answers_of(indices: Sequence[Any], said: Sequence[Said]) -> dict[int | str, Answer]:
    """Returns the answers to questions."""
    texts = [(each, True) if isinstance(each, str) else each for each in said]
    given = [Answer(text, tokens=4, ended=ended) for text, ended in texts]
    return dict(zip(indices, given, strict=True))


def save_rows(rows: pd.DataFrame, root: Path, name: str) -> Path:
    """Writes a benchmark into a data root."""
    root.mkdir(parents=True, exist_ok=True)
    path = root / f"{name}.tsv"
    rows.to_csv(path, sep="\t", index=False)
    return path


def scored(case: Case, root: Path, judge: JudgeName, endpoint: Scripted | None = None) -> Scored:
    """Scores a case in a data root; its work directory is `<root>/work`."""
    save_rows(case.rows, root, case.name)
    (root / "work").mkdir(parents=True)
    if judge == "openai":
        endpoint = endpoint or Scripted(case.replies)
    with kit.settings(root):
        dataset = build(case.name)
        given = answers_of(list(dataset.data["index"]), case.said)
        return score(dataset, given, root / "work", judge_of(judge, endpoint))
