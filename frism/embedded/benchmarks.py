"""The benchmarks of an embedded family: VLMEvalKit TSV files and the calibration questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from frism.embedded import calibration, glyphs
from frism.embedded import vocabulary as v
from frism.embedded.examples import asked
from frism.embedded.problems import PERCEPTION, REASONING, Problem, Sampler

PREFIX = "Frism"
REPORTED = ("Read", "ItemMCQ", "Count", "Last")
SUFFIX = {"validation": "VAL", "test": "TEST"}


def tables(seed: int, sizes: dict[str, int]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yields file name and rows of each benchmark split and of the calibration set.

    Args:
        seed: seed of the family.
        sizes: number of questions for `calibration`, `validation` and `test`.
    """
    samplers = {**REASONING, **{name: PERCEPTION[name] for name in REPORTED}}
    for stream, split in enumerate(SUFFIX):
        for index, (name, sampler) in enumerate(samplers.items()):
            rng = np.random.default_rng([seed, 1 + stream, index])
            rows = _rows(sampler, rng, split, sizes[split])
            yield f"{PREFIX}{name}_{SUFFIX[split]}.tsv", rows
        rng = np.random.default_rng([seed, 1 + stream, len(samplers)])
        text = _rows(REASONING["Solve"], rng, split, sizes[split], images=False)
        yield f"{PREFIX}SolveText_{SUFFIX[split]}.tsv", text
    yield from calibration.tables(seed, sizes["calibration"])


def _rows(
    sampler: Sampler, rng: np.random.Generator, split: str, size: int, images: bool = True
) -> pd.DataFrame:
    problems = _distinct(sampler, rng, split, size)
    rows = [_row(problem, split, rng, images) for problem in problems]
    return pd.DataFrame(rows).rename_axis("index").reset_index()


def _distinct(sampler: Sampler, rng: np.random.Generator, split: str, size: int) -> list[Problem]:
    """Returns `size` problems that differ in row or question.

    The ranges of `frism.config.tree.Questions` keep `size` below what a split has.
    """
    found: dict[tuple[object, ...], Problem] = {}
    while len(found) < size:
        problem = sampler(rng, split)
        found.setdefault((problem.row, problem.question, problem.options), problem)
    return [asked(problem, rng) for problem in found.values()]


def _row(problem: Problem, split: str, rng: np.random.Generator, image: bool) -> dict[str, str]:
    question = " ".join(problem.question)
    if not image:
        shown = " ".join((v.VISION_START, *problem.row, v.VISION_END))
        return {"question": f"{shown} {question}", "answer": " ".join(problem.answer)}
    cells = {"image": glyphs.encode(glyphs.draw(problem.row, split, rng)), "question": question}
    if not problem.options:
        return {**cells, "answer": " ".join(problem.answer)}
    letter = v.LETTERS[problem.options.index(problem.answer[0])]
    return {**cells, **dict(zip(v.LETTERS, problem.options, strict=True)), "answer": letter}


def write_benchmarks(directory: Path, seed: int, sizes: dict[str, int]) -> None:
    """Writes the TSV files of a family into `directory`."""
    for name, rows in tables(seed, sizes):
        rows.to_csv(directory / name, sep="\t", index=False)
