"""Training examples: the words of a conversation, which of them carry loss, and an image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from frism.embedded import glyphs
from frism.embedded import vocabulary as v
from frism.embedded.problems import Problem
from frism.embedded.rows import Row


@dataclass(frozen=True)
class Example:
    """A sequence of words.

    Attributes:
        words: prompt and answer.
        loss: one flag per word, true where the model learns to predict the word.
        image: pixels [8, 8 * row length, 3] uint8, whose glyphs stand at the image words; or None.
    """

    words: list[str]
    loss: list[bool]
    image: np.ndarray | None = None


def asked(problem: Problem, rng: np.random.Generator) -> Problem:
    """Returns `problem` with up to two filler words before the question."""
    chosen = rng.permutation(len(v.FILLERS))[: rng.integers(3)]
    return replace(problem, question=(*(v.FILLERS[k] for k in chosen), *problem.question))


def question_words(problem: Problem) -> list[str]:
    """Returns the words that VLMEvalKit's prompt of `problem` consists of."""
    if not problem.options:
        return list(problem.question)
    labelled = [w for pair in zip(v.LETTERS, problem.options, strict=True) for w in pair]
    return [v.QUESTION, *problem.question, v.OPTIONS, *labelled, v.CHOOSE]


def _prompt(problem: Problem, shown: Row | list[str]) -> list[str]:
    question = question_words(problem)
    return [v.USER, v.VISION_START, *shown, v.VISION_END, *question, v.ASSISTANT]


def _answer(problem: Problem, think: bool) -> list[str]:
    chain = [v.THINK, *problem.steps, v.END_THINK] if think else []
    return [*chain, *problem.answer, v.END]


def completion(context: list[str], answer: list[str], image: np.ndarray | None = None) -> Example:
    """Returns the example that learns `answer` after `context`."""
    return Example(context + answer, [False] * len(context) + [True] * len(answer), image)


def text_example(problem: Problem, think: bool = False) -> Example:
    """Returns `problem` with its row as text; `think` puts the chain before the answer."""
    return completion(_prompt(problem, problem.row), _answer(problem, think))


def image_example(
    problem: Problem, split: str, rng: np.random.Generator, think: bool = False
) -> Example:
    """Returns `problem` with its row as an image of glyphs from `split`."""
    shown = [v.IMAGE] * len(problem.row)
    image = glyphs.draw(problem.row, split, rng)
    return completion(_prompt(problem, shown), _answer(problem, think), image)
