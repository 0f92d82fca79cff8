"""A list of numbers: `[2007, 2008]`, "between 2007 and 2008", "1.2, 1.3 and 1.4"."""

from __future__ import annotations

import re

from frism.judging import numbers
from frism.judging.kinds import UNDECIDED
from frism.judging.markup import without_delimiters
from frism.judging.refusals import refuses
from frism.judging.sentences import first_sentence

_BRACKETED = re.compile(r"[\[({]\s*([^\[\](){}]*\d[^\[\](){}]*)[\])}]")
_SEPARATOR = re.compile(
    r",(?!\d{3}(?!\d))|,(?=\s)|;|\band\b|\bto\b|(?<=\d)\s*[-\u2013]\s*(?=\d)|、|和"
)


def stated(span: str, exact: bool) -> str | None:
    """Returns the numbers of a statement as a Python list, such as `[1, 2.5]`.

    Args:
        span: what follows a mark, or a sentence.
        exact: whether the span is the answer and nothing else.

    Returns:
        The list; `UNDECIDED` for a refusal; None where fewer than two numbers stand.
    """
    text = without_delimiters(span if exact else first_sentence(span)).replace("\\", "")
    bracketed = _BRACKETED.findall(text)
    for piece in (*reversed(bracketed), text):
        found = [numbers.stated(part, True) for part in _parts(piece)]
        kept = [number for number in found if number]
        if len(kept) > 1 or (piece is not text and len(kept) == 1):
            return f"[{', '.join(kept)}]"
    return UNDECIDED if refuses(text) else None


def _parts(text: str) -> list[str]:
    return [part for part in _SEPARATOR.split(text) if part.strip()]
