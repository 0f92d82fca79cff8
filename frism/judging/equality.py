"""`equal`: whether a final answer is the truth, by rules of its kind."""

from __future__ import annotations

import re

from frism.judging import expressions, lists, numbers
from frism.judging.arithmetic import value
from frism.judging.characters import plain
from frism.judging.comparison import verified
from frism.judging.kinds import Kind
from frism.judging.markup import unmarked, without_delimiters

TOLERANCE = 1e-6  # of expressions' values: relative, absolute below 1
ROUNDING = 1e-9  # of numbers, for what binary fractions lose
ROUNDED_PLACES = 2  # decimals that a rounded fraction or root must have
_PERCENT = re.compile(r"\\?%$")
_MEMBER = re.compile(r"^\s*[a-zA-Z]\s*\\in(?![a-z])\s*")
# more places are those of a root or of a fraction, which meet by ROUNDING
_DECIMAL = re.compile(r"-?\d+\.(\d{1,8})")
_TOWER = re.compile(r"(?:\^|\*\*)[^+*/=,]{1,12}(?:\^|\*\*)|\d{4,}!|!!")
_COMMANDS = {"π": r"\pi", "\u00d7": r"\times", "\u00f7": r"\div", "∞": r"\infty"}
_COMMANDS |= {"\u222a": r"\cup", "∈": r"\in"}
_PUNCTUATION = re.compile(r"[\s.,;:!?\"'()\[\]*_-]+")
_ARTICLES = re.compile(r"\b(?:the|an?)\b")


def equal(found: str, truth: str, kind: Kind) -> bool:
    """Returns whether an extracted answer equals the truth.

    Args:
        found: what `extract` returned.
        truth: the benchmark's answer, in its own notation.
        kind: what the question asks for.
    """
    if kind in ("choice", "choices"):
        return bool(_letters(found)) and _letters(found) == _letters(truth)
    if kind == "yes_no":
        return found.strip().lower() == truth.strip().lower()
    if kind == "number":
        return _same_number(found, truth)
    if kind == "list":
        return _same_list(found, truth)
    if kind == "expression":
        return same_expression(found, truth)
    return squeezed(found) == squeezed(truth) or _same_value(found, truth)


def squeezed(text: str) -> str:
    """Returns a text without case, punctuation, articles and blanks."""
    return _PUNCTUATION.sub("", _ARTICLES.sub("", unmarked(plain(text)).lower()))


def _letters(text: str) -> list[str]:
    return sorted(set(re.sub(r"\band\b|[^A-Z]", "", text.upper().replace(" AND ", " "))))


def _same_number(found: str, truth: str) -> bool:
    """Compares numbers at the precision of the truth.

    A truth with k decimals is met by what rounds to it, a whole number only by itself, a fraction
    or root also by its value rounded to two decimals or more. 45% is 45 and 0.45.
    """
    said, right = (numbers.stated(unmarked(plain(text)), exact=True) for text in (found, truth))
    if not said or not right:
        return squeezed(found) == squeezed(truth)
    both = said.endswith("%") == right.endswith("%")
    pairs = [(a, b) for a in _readings(said, both) for b in _readings(right, both)]
    return any(_close(a, b, said, right) for a, b in pairs)


def _readings(number: str, as_number: bool) -> list[float]:
    """Returns the value of a number; that of a percentage as a number and as a share."""
    worth = value(number.rstrip("%"))
    if worth is None:
        return []
    share = number.endswith("%") and not as_number
    return [float(worth), float(worth) / 100] if share else [float(worth)]


def _close(said: float, right: float, found: str, truth: str) -> bool:
    if abs(said - right) <= ROUNDING * max(1.0, abs(right)):
        return True
    decimals, given = _DECIMAL.fullmatch(truth), _DECIMAL.fullmatch(found)
    if decimals:
        return _rounds_to(said, right, len(decimals[1]))
    enough = given is not None and len(given[1]) >= ROUNDED_PLACES
    return bool(enough and given and not right.is_integer()) and _rounds_to(
        right, said, len(given[1] if given else "")
    )


def _rounds_to(exact: float, rounded: float, places: int) -> bool:
    return abs(exact - rounded) <= 0.5 * 10.0**-places * (1 + TOLERANCE)


def _same_list(found: str, truth: str) -> bool:
    said, right = (lists.stated(plain(text), exact=True) for text in (found, truth))
    if not said or not right:
        return False
    pairs = (said[1:-1].split(", "), right[1:-1].split(", "))
    return len(pairs[0]) == len(pairs[1]) and all(map(_same_number, *pairs))


def same_expression(found: str, truth: str) -> bool:
    """Returns whether two expressions are equal: as written, in value, or by math-verify."""
    said, right = (expressions.stated(unmarked(plain(text)), True) for text in (found, truth))
    if not said or not right:
        return squeezed(found) == squeezed(truth)
    said, right = _latex(said), _latex(right)
    if _compact(said) == _compact(right) or _same_value(said, right):
        return True
    if value(said) is not None and value(right) is not None:
        return False
    if _PERCENT.search(said) or _PERCENT.search(right):
        return _same_number(said, right)
    return not _towers(said + right) and verified(said, right)


def _compact(text: str) -> str:
    return re.sub(r"\s+|\\left|\\right", "", without_delimiters(text)).lower()


def _same_value(found: str, truth: str) -> bool:
    said, right = value(found), value(truth)
    if said is None or right is None:
        return False
    return abs(float(said) - float(right)) <= TOLERANCE * max(1.0, abs(float(right)))


def _latex(text: str) -> str:
    text = re.sub(r"√\s*(\d+(?:\.\d+)?|[a-zA-Z]|\([^()]*\)|\{[^{}]*\})", r"\\sqrt{\1}", text)
    for sign, command in _COMMANDS.items():
        text = text.replace(sign, f"{command} ")
    return _MEMBER.sub("", text)


def _towers(text: str) -> bool:
    """Returns whether a text has a power of a power or a huge one, which nothing can compute."""
    powers = re.findall(r"(?:\^|\*\*)\s*[{(]?\s*(\d+)", text)
    return any(len(power) > 3 for power in powers) or bool(_TOWER.search(text))
