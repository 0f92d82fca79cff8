r"""The number that a statement gives: `1,234.5 km`, `$\frac{3}{4}$`, `x = 5`, `45\%`, `-3`.

Canonical form: digits without thousands separators, units and currency; `3/4` for a fraction; `45%`
keeps its sign; constants such as `2\sqrt{3}` become decimals of twelve digits.
"""

from __future__ import annotations

import re

from frism.judging.characters import raised
from frism.judging.constants import PLAIN, leading
from frism.judging.kinds import UNDECIDED
from frism.judging.markup import without_delimiters
from frism.judging.number_words import in_digits
from frism.judging.refusals import conceded, refuses
from frism.judging.sentences import conclusion, first_sentence, result

_SIDES = re.compile(r"=|≈|\\approx|\\simeq|\\sim(?![a-z])|\\Rightarrow|\\implies|→|⇒")
_REASON = re.compile(
    r"\b(?:because|since|where|so that|due to|given that|which|after|when"
    r"|as (?:the|it|there|shown))\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(rf",\s+(?=[a-z])|;\s|{_REASON.pattern}", re.IGNORECASE)
_COPULA = re.compile(
    r"\b(?:is|are|was|were|be|equals?|gives?|gets?|get|has|have|had|shows?|contains?|there's"
    r"|totals?|costs?|measures?|reads?|remains?)\b|(?<!\d):|有|是|为",
    re.IGNORECASE,
)
_NONE_THERE = re.compile(r"\bthere (?:are|is|were|would be) no(?:ne)?\b(?! (?:answer|way))", re.I)
_TWO_UNKNOWNS = re.compile(
    r"=\s*[^=,;]{1,30}?(?:,|\bor\b|\band\b|;)\s*\\?[a-zA-Z]\w{0,3}\s*=\s*[^=,\s]{1,15}\s*\.?\s*$"
)
# "x = 5 or x = -3; since x is positive, x = 5"
_AGAIN = re.compile(
    r"\b([a-zA-Z]\w{0,3})\s*=.{1,200}[,;]\s*(?:so\s+|thus\s+)?\1\s*=\s*([^=,;]{1,60})$", re.DOTALL
)
# "3 in 8, i.e. 0.375"
_SHARE = re.compile(
    r"\d+(?: \w+)? (?:in|out of|of)(?: \w+)? \d+\b[^.,;]{0,60}[,;]"
    r"\s*(?:i\.e\.|that is|which is)\W+",
    re.IGNORECASE,
)
# 1 234 567, and 1 234 where nothing follows it
_SPACED = re.compile(
    r"(?<![\w.,])(?<!\d )\d{1,3}(?:(?: \d{3}){2,4}(?! ?\d)|(?: \d{3}){1,4}(?=\W*$))"
)
_MINUS = re.compile(r"\b(?:minus|negative)\s+(?=\d)", re.IGNORECASE)
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9_.^\\{{/,-])(?<!\d[\s:])(?<!\d [-+*])(?<!\d [-+*] )"
    rf"(?:[-+]\s?)?[$€£¥]?\s?(?:{PLAIN}|\\frac|\\sqrt)"
)


def stated(span: str, exact: bool) -> str | None:
    """Returns the number that a statement gives, in canonical form.

    Args:
        span: what follows a mark, or a sentence.
        exact: whether the span is the answer and nothing else, as a box is.

    Returns:
        The number; `UNDECIDED` for a refusal or for two numbers; None where there is none.
    """
    sentence = span if exact else first_sentence(span)
    text = raised(conceded(conclusion(without_delimiters(sentence))).strip())
    text = _restated(_SPACED.sub(_joined, _MINUS.sub("-", text)))
    if _TWO_UNKNOWNS.search(text):
        return UNDECIDED
    opening = _first_clause(text)
    if opening is not None:
        return opening
    if refuses(text):
        return UNDECIDED
    if _NONE_THERE.search(text):
        return "0"
    found = leading(_last_side(result(text)))
    if found is None:
        found = _within(text)
    return _within(_MINUS.sub("-", in_digits(text))) if found is None else found


def _joined(spaced: re.Match[str]) -> str:
    return spaced[0].replace(" ", "")


def _restated(text: str) -> str:
    """Returns what a sentence says last where that replaces what it says first."""
    again, share = _AGAIN.search(text), _SHARE.search(text)
    if again:
        return again[2]
    rest = in_digits(text[share.end() :]) if share else ""
    return text if leading(rest) is None else rest


def _first_clause(text: str) -> str | None:
    """Returns the number that the first clause of a statement gives.

    An equation there is a step where a later clause says what "is": "a = 3, so the area is 9".
    """
    head = _CLAUSE.split(text)[0]
    if not _SIDES.search(head):
        return leading(head)
    later = _REASON.split(text[len(head) :])[0]
    found = _after_copula(later)
    if found is None:
        found = leading(_last_side(result(later)))
    return leading(_last_side(head)) if found is None else found


def _last_side(text: str) -> str:
    """Returns the right-hand side of a chain of equations, or the side that is a number."""
    sides = [side for side in _SIDES.split(text) if side.strip()]
    numbers = [side for side in sides if leading(side) is not None]
    return numbers[-1] if numbers else text


def _after_copula(text: str) -> str | None:
    """Returns the number after the last "is" or "are" that has one."""
    found = [leading(_last_side(text[mark.end() :])) for mark in _COPULA.finditer(text)]
    return next((number for number in reversed(found) if number is not None), None)


def _within(text: str) -> str | None:
    """Returns the number after the last "is" or "are" that has one, else the last number."""
    found = _after_copula(text)
    if found is not None:
        return found
    anywhere = [leading(text[mark.start() :]) for mark in _NUMBER.finditer(text)]
    return next((number for number in reversed(anywhere) if number is not None), None)
