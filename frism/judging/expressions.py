r"""A mathematical expression: kept as written, without delimiters, units and `x =`."""

from __future__ import annotations

import re

from frism.judging import numbers
from frism.judging.kinds import UNDECIDED
from frism.judging.markup import without_delimiters
from frism.judging.number_words import in_digits
from frism.judging.refusals import refuses
from frism.judging.sentences import conclusion, sentences

LONGEST = 300  # characters
_MATH = re.compile(r"(?<!\\)\$+([^$]+)\$+|(?<!\\)\\[(\[](.+?)\\[)\]]", re.DOTALL)
_ASSIGNMENT = re.compile(
    r"^(?:\\?[a-zA-Z]\w{0,3}(?:_\{?\w+\}?)?|\\?(?:angle|triangle|text)\s*\{?[A-Za-z ]+\}?|∠\s*\w+"
    r"|[a-zA-Z]\([a-z]\)|m?\\angle\s*\w+)\s*(?:=|≈|\\approx)\s*(?=[^=]+$)"
)
# the h of \\pi h is a variable, no hour
_AFTER_PI = r"(?:(?<=\\pi)|(?<=π))(?!\s*[a-ln-zA-Z](?![a-zA-Z]))"
_UNIT = re.compile(
    rf"(?:(?<=[\d)}}])|{_AFTER_PI})\s*(?:square |cubic )?"
    r"(?:[kcmnμ]?m|[km]?g|km/h|m/s|in|ft|inches|feet|centi\w+"
    r"|milli\w+|meters?|metres?|units?|cubes?|seconds?|s|minutes?|min|hours?|h|degrees?|dollars?"
    r"|people|years?|days?|l|ml|litres?|liters?|N|J|W|V|Pa|kPa|K|mol)(?:\s*\^?\{?[23²³]\}?)?(?=\s*$)"
    r"|\s*square units?$"
)
_DEGREES = re.compile(r"\s*(?:\^\s*\{?\s*\\circ\s*\}?|°|\\degree)\s*$")
_WORDS = re.compile(r"(?<![\\a-zA-Z])[A-Za-z]{3,}\s+[a-z]{2,}\b")
# "17 dots" counts; a variable stands beside its number without a blank
_COUNTED = re.compile(r"^([-+]?\d[\d.,]*)\s+[a-z]{3,}$")
# "17 squares are needed"
_NEEDED = re.compile(r"\W*[-+]?\d.*\b(?:is|are)\s+[a-z]{3,}\W*$", re.DOTALL)
_COPULA = re.compile(r"\b(?:is|are|be|equals?|to)\b(?:\s+(?:approximately|about|simply))?\s*:?|:\s")
# no answer in mathematics has these, and what reads ours may evaluate it
_CODE = re.compile(r"__|import|lambda|[a-z]{3,}\.[a-z]{3,}|[;@#\"`]|'[^']+'")


def stated(span: str, exact: bool) -> str | None:
    """Returns the expression of a statement.

    Args:
        span: what follows a mark, or a sentence.
        exact: whether the span is the answer and nothing else.

    Returns:
        The expression; `UNDECIDED` for a refusal; None where words stand instead of one.
    """
    if exact:
        return _tidy(span)
    sentence = conclusion(_joined(span))
    found = _MATH.findall(sentence)
    if found:
        return _tidy(next(part for part in found[-1] if part))
    if refuses(sentence):
        return UNDECIDED
    tail = in_digits(_COPULA.split(sentence)[-1])
    number = numbers.stated(sentence, exact=False)
    return (number if _NEEDED.match(sentence) else None) or _tidy(tail) or number


def _joined(span: str) -> str:
    """Returns the first sentence of a span; display mathematics may hold line ends."""
    display = re.match(r"\s*(?:\\\[|\$\$)\s*(.+?)\s*(?:\\\]|\$\$)", span, re.DOTALL)
    if display:
        return f"${' '.join(display[1].split())}$"
    found = sentences(span)
    return found[0] if found else ""


def _tidy(text: str) -> str | None:
    found = without_delimiters(text).strip().strip(":").strip()
    found = re.sub(r"\s+", " ", found).rstrip(".,").strip()
    found = _ASSIGNMENT.sub("", found)
    found = _COUNTED.sub(r"\1", _UNIT.sub("", _DEGREES.sub("", found)).strip())
    if refuses(text):
        return UNDECIDED
    plausible = found and len(found) <= LONGEST and not _WORDS.search(found)
    return found if plausible and not _CODE.search(found) else None
