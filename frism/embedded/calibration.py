"""Calibration questions: perception on training images, without the answers.

Questions of all short kinds train the gates; the other sets tell what of them matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from frism.embedded import glyphs
from frism.embedded import vocabulary as v
from frism.embedded.corpus import SPLIT, draw_problem
from frism.embedded.examples import question_words
from frism.embedded.problems import PERCEPTION, Problem

# Short answers, as in VizWiz. The transcription asked for by Read and Tail is word for word the
# beginning of a chain of thought: to distil that the VLM stops after it would forbid the chain. So
# Read is a perception benchmark of a kind that calibration never saw.
MIXED = ("Item", "ItemMCQ", "Count", "Last")
ALONE = {"read": ("Read",), "item": ("Item", "ItemMCQ"), "count": ("Count",), "last": ("Last",)}
# Questions are drawn before their images: longer sets begin with the rows of shorter ones only if
# both come in parts of one size.
PART = 768
Row = dict[str, str]


def tables(seed: int, size: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yields file name and rows (index, image, question) of each set of calibration questions.

    Args:
        seed: seed of the family.
        size: number of questions in each set.
    """
    yield "calibration.tsv", _table(np.random.default_rng([seed, 0]), size, MIXED, _shown)
    sets = {
        **{name: (kinds, _shown) for name, kinds in ALONE.items()},
        "noise": (MIXED, _noise),
        "text": (MIXED, _read_out),
    }
    for stream, (name, (kinds, row)) in enumerate(sets.items(), start=1):
        rng = np.random.default_rng([seed, 0, stream])
        yield f"calibration_{name}.tsv", _table(rng, size, kinds, row)


def _table(
    rng: np.random.Generator,
    size: int,
    kinds: tuple[str, ...],
    row: Callable[[Problem, np.random.Generator], Row],
) -> pd.DataFrame:
    samplers = {name: PERCEPTION[name] for name in kinds}
    rows: list[Row] = []
    while len(rows) < size:
        part = min(PART, size - len(rows))
        problems = [draw_problem(samplers, rng) for _ in range(part)]
        rows += [row(problem, rng) for problem in problems]
    return pd.DataFrame(rows).rename_axis("index").reset_index()


def _shown(problem: Problem, rng: np.random.Generator) -> Row:
    image = glyphs.draw(problem.row, SPLIT, rng)
    return {"image": glyphs.encode(image), "question": " ".join(question_words(problem))}


def _noise(problem: Problem, rng: np.random.Generator) -> Row:
    """An image of the same size that shows nothing."""
    size = (v.GLYPH_SIZE, v.GLYPH_SIZE * len(problem.row), 3)
    image = rng.integers(256, size=size, dtype=np.uint8)
    return {"image": glyphs.encode(image), "question": " ".join(question_words(problem))}


def _read_out(problem: Problem, rng: np.random.Generator) -> Row:
    """No image, but its content as words."""
    words = (v.VISION_START, *problem.row, v.VISION_END, *question_words(problem))
    return {"image": "", "question": " ".join(words)}
