"""The constant that opens a text, in canonical form."""
# ruff: noqa: RUF001 - the characters of many alphabets are the matter here

from __future__ import annotations

import re
from fractions import Fraction

from frism.judging.arithmetic import LONGEST, Value, value
from frism.judging.kinds import UNDECIDED

PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
# the longest run of characters that a constant can be made of, from a digit, root or fraction on
_RUN = re.compile(
    rf"(?<![\w.^\\{{/])[-+]?\s?(?:\\frac|\\sqrt|√|\\pi|π|[½⅓⅔¼¾]|{PLAIN}|\()"
    r"(?:\\frac|\\sqrt|\\pi|\\times|\\cdot|\\div|[\d.,/^(){}\[\]√π½⅓⅔¼¾×·*+ -]|[eE][+-]?\d)*"
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b|:\d|[-–]\s?\d")
_PERCENT = re.compile(r"\s*(?:\\?%|percent\b|per cent\b)")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d{1,2}")
_NOISE = re.compile(
    r"^(?:\W*\b(?:approximately|approx\.?|about|around|roughly|nearly|almost|exactly|equal to"
    r"|equals?|is|are|be|to|of|just|only|USD|US|EUR|RMB|Rs\.?|a total of|value|number)\b)*"
    r"[\s:*~≈'\"$€£¥#]*(?:\\(?:approx|sim|\$|pounds|euro)\s*)?",
    re.IGNORECASE,
)
_TWO = re.compile(
    r"\s*(?:\\?%|\w+)?\s*\b(?:or|and)\s+(?:[a-z]\s*=\s*)?[-+]?\$?\d"
    r"|\s*,\s*[-+]?[\d.]+\s*(?:$|,|and\b|or\b)"
)
_GOES_ON = re.compile(
    r"\d|[.,]\d|\s*(?:[-+*×]|\\times)\s*\d|\s*(?:\^|\*\*)(?!\s*\{?\s*\\(?:circ|prime))"
)


def leading(text: str) -> str | None:
    """Returns the number that opens `text` after words such as "about", if one does."""
    text = text[_NOISE.match(text).end() :].lstrip()  # type: ignore[union-attr]
    run = _RUN.match(text)
    if run is None:
        return None
    if _DECIMAL_COMMA.fullmatch(text.rstrip(" .")):
        return canonical(text.rstrip(" .").replace(",", "."))
    for end in range(min(run.end(), LONGEST), 0, -1):
        found = _number(text, end)
        if found is not None:
            return UNDECIDED if _TWO.match(text, end) else found
    return None


def _number(text: str, end: int) -> str | None:
    piece = text[:end].strip()
    rest = text[end:]
    if not piece or piece[-1] in ",.+-*/^({[ " or _ORDINAL.match(rest) or _torn(piece, rest):
        return None
    found = canonical(piece)
    return f"{found}%" if found and _PERCENT.match(rest) else found


def _torn(piece: str, rest: str) -> bool:
    """Returns whether a cut went through a number or kept one side of a sum."""
    return piece[-1].isdigit() and bool(_GOES_ON.match(rest))


def canonical(constant: str) -> str | None:
    """Returns a constant in canonical form, None where it is none or a sum of plain numbers."""
    found = value(constant)
    compact = constant.replace(" ", "").replace(",", "")
    if found is None or re.search(r"[\d)}][-+*×]\d+(?!\^)(?:\.\d+)?$", compact):
        return None
    if re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)", compact):
        sign, digits_ = ("-" if compact[0] == "-" else ""), compact.lstrip("+-")
        return sign + (f"0{digits_}" if digits_.startswith(".") else digits_)
    return written(found)


def written(number: Value) -> str:
    """Returns a value as digits, as a fraction, or as a decimal of twelve digits."""
    if not isinstance(number, Fraction):
        return f"{number:.12g}"
    if number.denominator == 1:
        return str(number.numerator)
    return str(number)
