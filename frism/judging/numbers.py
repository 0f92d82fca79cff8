r"""The number that a statement gives: `1,234.5 km`, `$\frac{3}{4}$`, `x = 5`, `45\%`, `-3`.

Canonical form: digits without thousands separators, units and currency; `3/4` for a fraction; `45%`
keeps its sign; constants such as `2\sqrt{3}` become decimals of twelve digits.
"""

from __future__ import annotations

import re
from fractions import Fraction

from frism.judging.arithmetic import LONGEST, Value, value
from frism.judging.characters import raised
from frism.judging.kinds import UNDECIDED
from frism.judging.markup import without_delimiters
from frism.judging.number_words import in_digits
from frism.judging.refusals import conceded, refuses
from frism.judging.sentences import conclusion, first_sentence

_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
# the longest run of characters that a constant can be made of, from a digit, root or fraction on
_RUN = re.compile(
    rf"(?<![\w.^\\{{/])[-+]?\s?(?:\\frac|\\sqrt|√|\\pi|π|[½⅓⅔¼¾]|{_PLAIN}|\()"
    r"(?:\\frac|\\sqrt|\\pi|\\times|\\cdot|\\div|[\d.,/^(){}\[\]√π½⅓⅔¼¾×·*+ -]|[eE][+-]?\d)*"
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b|:\d|[-–]\s?\d")
_PERCENT = re.compile(r"\s*(?:\\?%|percent\b|per cent\b)")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d{1,2}")
_NOISE = re.compile(
    r"^(?:\W*\b(?:approximately|approx\.?|about|around|roughly|nearly|almost|exactly|equal to|equals?"
    r"|is|are|be|to|of|just|only|USD|US|EUR|RMB|Rs\.?|a total of|value|number)\b)*"
    r"[\s:*~≈'\"$€£¥#]*(?:\\(?:approx|sim|\$|pounds|euro)\s*)?",
    re.IGNORECASE,
)
_SIDES = re.compile(r"=|≈|\\approx|\\simeq|\\sim(?![a-z])|\\Rightarrow|\\implies|→|⇒")
_CLAUSE = re.compile(
    r",\s+(?=[a-z])|;\s|\b(?:because|since|where|so that|due to|given that|which|after|when)\b",
    re.I,
)
_COPULA = re.compile(
    r"\b(?:is|are|was|were|be|equals?|gives?|gets?|get|has|have|had|shows?|contains?|there's"
    r"|totals?|costs?|measures?|reads?)\b|(?<!\d):|有|是|为",
    re.IGNORECASE,
)
_NONE_THERE = re.compile(r"\bthere (?:are|is|were|would be) no(?:ne)?\b(?! (?:answer|way))", re.I)
_TWO = re.compile(
    r"\s*(?:\\?%|\w+)?\s*\b(?:or|and)\s+(?:[a-z]\s*=\s*)?[-+]?\$?\d|\s*,\s*[-+]?[\d.]+\s*(?:$|,|and\b|or\b)"
)
_GOES_ON = re.compile(
    r"\d|[.,]\d|\s*(?:[-+*×]|\\times)\s*\d|\s*(?:\^|\*\*)(?!\s*\{?\s*\\(?:circ|prime))"
)
_TWO_UNKNOWNS = re.compile(r"=\s*[^=,]{1,30}?(?:,|\bor\b|\band\b|;)\s*\\?[a-zA-Z]\w{0,3}\s*=")
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9_.^\\{{/,-])(?<!\d[\s:])(?:[-+]\s?)?[$€£¥]?\s?(?:{_PLAIN}|\\frac|\\sqrt)"
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
    if _TWO_UNKNOWNS.search(text):
        return UNDECIDED
    leading = _leading(_last_side(_CLAUSE.split(text)[0]))
    if leading is not None:
        return leading
    if refuses(text):
        return UNDECIDED
    if _NONE_THERE.search(text):
        return "0"
    found = _within(text)
    return _within(in_digits(text)) if found is None else found


def _last_side(text: str) -> str:
    """Returns the right-hand side of a chain of equations, or the side that is a number."""
    sides = [side for side in _SIDES.split(text) if side.strip()]
    numbers = [side for side in sides if _leading(side) is not None]
    return numbers[-1] if numbers else text


def _leading(text: str) -> str | None:
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


def _within(text: str) -> str | None:
    """Returns the number after the last "is" or "are" that has one, else the last number."""
    after_copula = [_leading(_last_side(text[mark.end() :])) for mark in _COPULA.finditer(text)]
    anywhere = [_leading(text[mark.start() :]) for mark in _NUMBER.finditer(text)]
    found = [number for number in after_copula if number is not None]
    found = found or [number for number in anywhere if number is not None]
    return found[-1] if found else None
