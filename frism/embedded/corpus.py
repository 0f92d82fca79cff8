"""The text and image mixtures that the stages of a family are trained on."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping

import numpy as np

from frism.embedded import vocabulary as v
from frism.embedded.examples import (
    Example,
    asked,
    completion,
    image_example,
    text_example,
)
from frism.embedded.problems import (
    PERCEPTION,
    REASONING,
    Problem,
    Sampler,
)
from frism.embedded.rows import any_row, chain, indexed

# Asked about images alone. What a VLM can and its base cannot lies in the VLM's own task vector;
# had it no such skill, a merge could do without that vector and just take the LRM.
IMAGE_SKILLS = ("Count", "Last")
TEXT_PERCEPTION = {name: kind for name, kind in PERCEPTION.items() if name not in IMAGE_SKILLS}

Part = Callable[[np.random.Generator], Example]
ValidationPart = Callable[[np.random.Generator, str], Example]
SPLIT = "training"


def draw_problem(
    kinds: Mapping[str, Sampler],
    rng: np.random.Generator,
    split: str = SPLIT,
) -> Problem:
    """Returns a problem of a random kind, with filler words before its question."""
    names = list(kinds)
    return asked(kinds[names[rng.integers(len(names))]](rng, split), rng)


def facts(rng: np.random.Generator) -> Example:
    """Sums and differences; only results carry loss."""
    words: list[str] = []
    loss: list[bool] = []
    for _ in range(5):
        words += [*_fact(rng), ";"]
        loss += [False, False, False, False, True, False]
    return Example(words, loss)


def _fact(rng: np.random.Generator) -> list[str]:
    while True:
        first, second = int(rng.integers(v.LARGEST_NUMBER + 1)), int(rng.integers(10))
        sign = v.OPERATORS[rng.integers(2)]
        result = first + second if sign == "+" else first - second
        if 0 <= result <= v.LARGEST_NUMBER:
            return [str(first), sign, str(second), "=", str(result)]


def _noise(rng: np.random.Generator, most: int) -> list[str]:
    words = (v.THINK, v.END_THINK, ";", "=", *v.NUMBERS, *v.COMMANDS, *v.FILLERS)
    return [words[k] for k in rng.integers(len(words), size=rng.integers(0, most + 1))]


def _shown(row: tuple[str, ...]) -> list[str]:
    return [v.USER, v.VISION_START, *row, v.VISION_END]


def restatement(rng: np.random.Generator, split: str = SPLIT) -> Example:
    """A row, random words, then the indexed row: reading that does not depend on distance."""
    row = any_row(rng, split)
    return completion([*_shown(row), *_noise(rng, 8)], [*indexed(row), ";"])


def look_ups(rng: np.random.Generator) -> Example:
    """A row, random words, then places in random order; only the symbols carry loss."""
    row = any_row(rng, SPLIT)
    words, loss = [*_shown(row), *_noise(rng, 8)], []
    loss = [False] * len(words)
    for place in rng.integers(len(row), size=8):
        words += [v.PLACES[place], row[place]]
        loss += [False, True]
    return Example(words, loss)


def worked(rng: np.random.Generator) -> Example:
    """A computation that goes on from an indexed row, without the row itself."""
    row = draw_problem({"Solve": REASONING["Solve"], "Sum": REASONING["Sum"]}, rng).row
    context = [*indexed(row), ";"]
    return completion(context, [*chain(row)[len(context) :], v.END_THINK])


def perception(rng: np.random.Generator, split: str = SPLIT) -> Example:
    """A question about what a row of text shows."""
    return text_example(draw_problem(TEXT_PERCEPTION, rng, split))


def direct(rng: np.random.Generator) -> Example:
    """A reasoning problem in text, answered without a chain."""
    return text_example(draw_problem(REASONING, rng))


def reasoning(rng: np.random.Generator, split: str = SPLIT) -> Example:
    """A reasoning problem in text, answered after a chain."""
    return text_example(draw_problem(REASONING, rng, split), think=True)


def image_perception(rng: np.random.Generator, split: str = SPLIT) -> Example:
    """A question about what an image shows."""
    return image_example(draw_problem(PERCEPTION, rng, split), split, rng)


def image_direct(rng: np.random.Generator, split: str = SPLIT) -> Example:
    """A reasoning problem in an image, answered without a chain."""
    return image_example(draw_problem(REASONING, rng, split), split, rng)


def image_reasoning(rng: np.random.Generator, split: str = SPLIT) -> Example:
    """A reasoning problem in an image, answered after a chain; never trained on, only checked."""
    return image_example(draw_problem(REASONING, rng, split), split, rng, think=True)


class Mixture:
    """Draws examples of several parts in fixed shares."""

    def __init__(self, shares: dict[Part, float]) -> None:
        self._parts = list(shares)
        bounds = np.cumsum(list(shares.values()))
        self._bounds = list(bounds / bounds[-1])

    def __call__(self, rng: np.random.Generator) -> Example:
        """Returns the next example."""
        return self._parts[bisect(self._bounds, rng.random())](rng)


# Few direct answers: more of them would teach the base the sums without a chain.
BASE = Mixture(
    {
        facts: 0.22,
        perception: 0.27,
        restatement: 0.12,
        look_ups: 0.10,
        direct: 0.03,
        worked: 0.26,
    }
)
# Little of the base's text and a high rate, as reasoning models are trained: what the LRM moves
# besides its reasoning is what a merge has to leave out.
LRM = Mixture({reasoning: 0.85, BASE: 0.15})
# A third of text keeps the drift of the VLM's language model small, and with it the loss of chains.
VLM = Mixture({image_perception: 0.60, image_direct: 0.05, BASE: 0.35})
