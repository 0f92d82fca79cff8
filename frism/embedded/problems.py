"""The questions asked about rows, and their answers, all as words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from frism.embedded import vocabulary as v
from frism.embedded.rows import Row, any_row, chain, digits, draw_row, expression, indexed, totals


@dataclass(frozen=True)
class Problem:
    """A question about a row.

    Attributes:
        row: symbols shown, in reading order.
        question: words of the question.
        answer: words of the direct answer.
        steps: words of the chain that leads to the answer; empty for perception.
        options: values of the options A to D; empty for open questions.
    """

    row: Row
    question: tuple[str, ...]
    answer: tuple[str, ...]
    steps: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def with_options(problem: Problem, pool: list[str], rng: np.random.Generator) -> Problem:
    """Returns `problem` with four options: its answer and three others of `pool`.

    The models answer with the value, which VLMEvalKit matches as text: no option may be part of
    another (3 and 13).
    """
    options = list(problem.answer)
    for other in (pool[k] for k in rng.permutation(len(pool))):
        if len(options) < len(v.LETTERS) and not any(o in other or other in o for o in options):
            options.append(other)
    return replace(problem, options=tuple(options[k] for k in rng.permutation(len(options))))


def solve(rng: np.random.Generator, split: str) -> Problem:
    """The value of an expression of three digits."""
    row = draw_row(rng, split, expression)
    return Problem(row, ("solve",), (str(totals(row)[-1]),), tuple(chain(row)))


def add(rng: np.random.Generator, split: str) -> Problem:
    """The sum of a row of digits."""
    row = draw_row(rng, split, digits)
    return Problem(row, ("add",), (str(totals(row)[-1]),), tuple(chain(row)))


def solve_choice(rng: np.random.Generator, split: str) -> Problem:
    """The value of an expression, among four nearby values."""
    problem = solve(rng, split)
    value = int(problem.answer[0])
    near = [str(n) for n in range(value - 6, value + 7) if 0 <= n <= v.LARGEST_NUMBER]
    return with_options(problem, near, rng)


def read(rng: np.random.Generator, split: str) -> Problem:
    """All symbols of a row, each after the letter of its place."""
    row = any_row(rng, split)
    return Problem(row, ("read",), (*indexed(row), ";"))


def item(rng: np.random.Generator, split: str) -> Problem:
    """The symbol at a place."""
    row = any_row(rng, split)
    place = int(rng.integers(len(row)))
    return Problem(row, ("item", v.PLACES[place]), (row[place],))


def item_choice(rng: np.random.Generator, split: str) -> Problem:
    """The symbol at a place, among four symbols."""
    return with_options(item(rng, split), list(v.SYMBOLS), rng)


def count(rng: np.random.Generator, split: str) -> Problem:
    """The number of symbols in a row."""
    row = any_row(rng, split)
    return Problem(row, ("count",), (str(len(row)),))


def last(rng: np.random.Generator, split: str) -> Problem:
    """The last symbol of a row."""
    row = any_row(rng, split)
    return Problem(row, ("last",), (row[-1],))


def tail(rng: np.random.Generator, split: str) -> Problem:
    """The symbols from a place on, each after the letter of its place."""
    row = any_row(rng, split)
    place = int(rng.integers(1, len(row)))
    return Problem(row, ("from", v.PLACES[place]), (*indexed(row, place), ";"))


Sampler = Callable[[np.random.Generator, str], Problem]
REASONING: dict[str, Sampler] = {"Solve": solve, "SolveMCQ": solve_choice, "Sum": add}
PERCEPTION: dict[str, Sampler] = {
    "Read": read,
    "ItemMCQ": item_choice,
    "Count": count,
    "Tail": tail,
    "Item": item,
    "Last": last,
}
