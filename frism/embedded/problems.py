"""Rows of symbols, the questions asked about them, and their answers, all as words.

A row is what a text shows between the vision brackets and an image shows as glyphs. Training,
validation and test use disjoint rows: `split_of` assigns each row by a hash.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from frism.embedded import vocabulary as v

Row = tuple[str, ...]
Words = list[str]
SPLITS = ("training", "validation", "test")
SHARES = {"training": 0.6, "validation": 0.15, "test": 0.25}
EXPRESSION_LENGTH = 5
SUM_LENGTH = 4


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


def split_of(row: Row) -> str:
    """Returns the split that owns `row`, the same in every family."""
    position = zlib.crc32(" ".join(row).encode()) / 2**32
    bound = 0.0
    for split in SPLITS:
        bound += SHARES[split]
        if position < bound:
            return split
    return SPLITS[-1]


def _draw(rng: np.random.Generator, split: str, row: Callable[[np.random.Generator], Row]) -> Row:
    while True:
        candidate = row(rng)
        if split_of(candidate) == split and all(
            0 <= t <= v.LARGEST_NUMBER for t in totals(candidate)
        ):
            return candidate


def totals(row: Row) -> list[int]:
    """Returns the running totals of an expression or, without operators, of the sum of a row."""
    total, sign, result = 0, 1, []
    for symbol in row:
        if symbol in v.OPERATORS:
            sign = 1 if symbol == "+" else -1
        else:
            total += sign * int(symbol)
            result.append(total)
    return result


def _expression(rng: np.random.Generator) -> Row:
    a, b, c = _symbols(v.DIGITS, 3, rng)
    first, second = _symbols(v.OPERATORS, 2, rng)
    return (a, first, b, second, c)


def _digits(rng: np.random.Generator) -> Row:
    return _symbols(v.DIGITS, SUM_LENGTH, rng)


def _symbols(choices: Row, size: int, rng: np.random.Generator) -> Row:
    # much quicker than `rng.choice`, which makes an array of strings each time
    return tuple(choices[int(k)] for k in rng.random(size) * len(choices))


def any_row(rng: np.random.Generator, split: str) -> Row:
    """Returns an expression, a row of digits, or symbols in any order (4 to 6)."""
    kind = rng.random()
    if kind < 0.35:
        return _draw(rng, split, _expression)
    if kind < 0.55:
        return _draw(rng, split, _digits)
    while True:
        row = _symbols(v.SYMBOLS, int(rng.integers(4, 7)), rng)
        if split_of(row) == split:
            return row


def indexed(row: Row, start: int = 0) -> Words:
    """Returns the row with the letter of its place before each symbol, from place `start`."""
    return [word for pair in list(zip(v.PLACES, row, strict=False))[start:] for word in pair]


def computation(row: Row) -> Words:
    """Returns the steps `7 + 5 = 12 ; 12 - 3 = 9` over the running totals of `row`."""
    digits = [s for s in row if s not in v.OPERATORS]
    signs = [s for s in row if s in v.OPERATORS] or ["+"] * (len(digits) - 1)
    running = totals(row)
    steps: Words = []
    for k, (sign, digit) in enumerate(zip(signs, digits[1:], strict=True)):
        steps += [*([";"] if k else []), str(running[k]), sign, digit, "=", str(running[k + 1])]
    return steps


def chain(row: Row) -> Words:
    """Returns the worked solution: the indexed row, then the computation."""
    return [*indexed(row), ";", *computation(row)]


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
    row = _draw(rng, split, _expression)
    return Problem(row, ("solve",), (str(totals(row)[-1]),), tuple(chain(row)))


def add(rng: np.random.Generator, split: str) -> Problem:
    """The sum of a row of digits."""
    row = _draw(rng, split, _digits)
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
