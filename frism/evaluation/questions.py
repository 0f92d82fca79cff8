"""What VLMEvalKit's evaluations ask a judge, row by row, and what the rules reply.

The prompts are made by VLMEvalKit's own functions of the very table that it evaluates, so that a
prompt tells which question it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from frism.evaluation import kit
from frism.evaluation.containment import NO_OPTION
from frism.evaluation.result_files import Index
from frism.judging import Kind, equal
from frism.judging.forms import as_letters

UNKNOWN = "Unknown"  # of VLMEvalKit: neither yes nor no


@dataclass(frozen=True)
class Query:
    """What is asked about one question.

    Attributes:
        index: of the question.
        prompt: as VLMEvalKit puts it.
        said: the prediction that it is about.
        reply: what the rules reply, given that predictions are bare answers.
    """

    index: Index
    prompt: str
    said: str
    reply: str


Queries = Callable[[Path, str, str], Iterator[Query]]


class _Ear:
    """A judge that only listens."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def generate(self, prompt: str, **settings: Any) -> str:
        self.prompts.append(prompt)
        return NO_OPTION


def _rows(path: Path) -> Iterator[Any]:
    table = kit.load(str(path))
    table["prediction"] = [str(text) for text in table["prediction"]]
    yield from (row for _, row in table.iterrows())


def choice_queries(predictions: Path, name: str, model: str) -> Iterator[Query]:
    """Yields which option a prediction names, where VLMEvalKit finds none in it."""
    module = kit.evaluation_module("utils.multiple_choice")
    table = kit.load(str(predictions))
    table["prediction"] = [str(text) for text in table["prediction"]]
    table.columns = [c if len(c) == 1 and c.isupper() else c.lower() for c in table.columns]
    if "MMMU" in name:
        table = module.MMMU_preproc(table)
    for _, row in table.iterrows():
        ear = _Ear()
        module.extract_answer_from_item(ear, row, dataset_name=name)
        for prompt in ear.prompts[:1]:
            yield Query(row["index"], prompt, row["prediction"], NO_OPTION)


def yes_no_queries(predictions: Path, name: str, model: str) -> Iterator[Query]:
    """Yields whether a prediction means yes or no."""
    module = kit.evaluation_module("utils.yorn")
    for row in _rows(predictions):
        yield Query(row["index"], module.YOrN_match_prompt(row), row["prediction"], UNKNOWN)


def mathvista_queries(predictions: Path, name: str, model: str) -> Iterator[Query]:
    """Yields what the answer in a prediction is."""
    build = kit.evaluation_module("utils.mathvista").build_mathvista_gpt4_prompt
    for row in _rows(predictions):
        yield Query(row["index"], build(row), row["prediction"], row["prediction"])


def mathvision_queries(predictions: Path, name: str, model: str) -> Iterator[Query]:
    """Yields what the answer in a prediction is."""
    build = kit.evaluation_module("utils.mathv").build_mathv_gpt4_prompt
    for row in _rows(predictions):
        yield Query(row["index"], build(row), row["prediction"], row["prediction"])


def logicvista_queries(predictions: Path, name: str, model: str) -> Iterator[Query]:
    """Yields which letters a prediction names."""
    build = kit.evaluation_module("utils.logicvista").build_prompt_logicvista
    for row in _rows(predictions):
        letters = as_letters(row["prediction"])
        named = letters if letters.isalpha() and letters.isupper() else NO_OPTION
        yield Query(row["index"], build(row), row["prediction"], named)


def dynamath_queries(predictions: Path, name: str, model: str) -> Iterator[Query]:
    """Yields what the answer is in a prediction of which VLMEvalKit can make nothing."""
    ask = kit.evaluation_module("dynamath").DynaMath_auxeval
    for row in _rows(predictions):
        ear = _Ear()
        ask(ear, row)
        for prompt in ear.prompts[:1]:
            yield Query(row["index"], prompt, row["prediction"], NO_OPTION)


def mathverse_queries(predictions: Path, name: str, model: str) -> Iterator[Query]:
    """Yields what the answers in the predictions are; once those are there, if they are right."""
    module = kit.evaluation_module("utils.mathverse")
    for row in _rows(predictions):
        prompt = module.build_mathverse_gpt4_extract_prompt(row)
        yield Query(row["index"], prompt, row["prediction"], row["prediction"])
    extracted = Path(kit.get_intermediate_file_path(str(predictions), f"_{model}_extract"))
    for row in _rows(extracted) if extracted.is_file() else ():
        kind: Kind = "choice" if row["question_type"] == "multi-choice" else "expression"
        right = not pd.isna(row["extract"]) and equal(str(row["extract"]), str(row["answer"]), kind)
        prompt = module.build_mathverse_gpt4_score_prompt(row)
        yield Query(row["index"], prompt, row["prediction"], str(int(right)))
