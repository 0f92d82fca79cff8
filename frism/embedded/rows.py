"""Rows of symbols: what a text shows between the vision brackets and an image shows as glyphs.

Training, validation and test use disjoint rows: `split_of` assigns each row by a hash.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from frism.embedded import vocabulary as v

Row = tuple[str, ...]
Words = list[str]
SPLITS = ("training", "validation", "test")
SHARES = {"training": 0.6, "validation": 0.15, "test": 0.25}
SUM_LENGTH = 4


def split_of(row: Row) -> str:
    """Returns the split that owns `row`, the same in every family."""
    position = zlib.crc32(" ".join(row).encode()) / 2**32
    bound = 0.0
    for split in SPLITS:
        bound += SHARES[split]
        if position < bound:
            return split
    return SPLITS[-1]


def draw_row(
    rng: np.random.Generator, split: str, row: Callable[[np.random.Generator], Row]
) -> Row:
    """Returns what `row` draws in `split` with running totals that have a word."""
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


def expression(rng: np.random.Generator) -> Row:
    """Returns three digits with two operators between them."""
    a, b, c = _symbols(v.DIGITS, 3, rng)
    first, second = _symbols(v.OPERATORS, 2, rng)
    return (a, first, b, second, c)


def digits(rng: np.random.Generator) -> Row:
    """Returns a row of digits to be added."""
    return _symbols(v.DIGITS, SUM_LENGTH, rng)


def _symbols(choices: Row, size: int, rng: np.random.Generator) -> Row:
    # much quicker than `rng.choice`, which makes an array of strings each time
    return tuple(choices[int(k)] for k in rng.random(size) * len(choices))


def any_row(rng: np.random.Generator, split: str) -> Row:
    """Returns an expression, a row of digits, or symbols in any order (4 to 6)."""
    kind = rng.random()
    if kind < 0.35:
        return draw_row(rng, split, expression)
    if kind < 0.55:
        return draw_row(rng, split, digits)
    while True:
        row = _symbols(v.SYMBOLS, int(rng.integers(4, 7)), rng)
        if split_of(row) == split:
            return row


def indexed(row: Row, start: int = 0) -> Words:
    """Returns the row with the letter of its place before each symbol, from place `start`."""
    return [word for pair in list(zip(v.PLACES, row, strict=False))[start:] for word in pair]


def computation(row: Row) -> Words:
    """Returns the steps `7 + 5 = 12 ; 12 - 3 = 9` over the running totals of `row`."""
    summands = [s for s in row if s not in v.OPERATORS]
    signs = [s for s in row if s in v.OPERATORS] or ["+"] * (len(summands) - 1)
    running = totals(row)
    steps: Words = []
    for k, (sign, digit) in enumerate(zip(signs, summands[1:], strict=True)):
        steps += [*([";"] if k else []), str(running[k]), sign, digit, "=", str(running[k + 1])]
    return steps


def chain(row: Row) -> Words:
    """Returns the worked solution: the indexed row, then the computation."""
    return [*indexed(row), ";", *computation(row)]
