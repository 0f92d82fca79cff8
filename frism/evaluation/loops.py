"""Answers that repeat themselves without an end."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_LOOP = 256
REPETITIONS = 4
SHORTEST_TAIL = 32


def loops(tokens: Sequence[int]) -> bool:
    """Tells whether the last tokens are one n-gram over and over.

    That is: for an n of at most 256, the tail is the same n tokens at least 4 times in a row, and
    at least 32 tokens long, so that neither a short list nor a row of digits counts.
    """
    tail = list(tokens[-LONGEST_LOOP * REPETITIONS :])
    return any(_repeats(tail, n) for n in range(1, LONGEST_LOOP + 1))


def _repeats(tail: list[int], n: int) -> bool:
    length = n * max(REPETITIONS, -(-SHORTEST_TAIL // n))
    # what equals itself moved by n has period n
    return len(tail) >= length and tail[-length:-n] == tail[-length + n :]
