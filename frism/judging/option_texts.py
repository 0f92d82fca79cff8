"""Which option a span means by its text or by its value."""
# ruff: noqa: RUF001 - the characters of many alphabets are the matter here

from __future__ import annotations

import re
from collections.abc import Mapping

from frism.judging import numbers
from frism.judging.arithmetic import value
from frism.judging.characters import plain
from frism.judging.markup import unmarked, without_delimiters
from frism.judging.number_words import in_digits

_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\w{2})", re.IGNORECASE)
_EDGES = " \n\t.,;:!?\"'*_()[]"
_NUMERIC = re.compile(r"[\W_]*(?:\d|\\?[dt]?frac|\\sqrt|√|π|\\pi|[a-zA-Z]\s*=)")
_BLANKS = re.compile(r"\s*([<>]=|[-+*/=^<>])\s*")
_AT_LEAST = re.compile(r"\\geq?(?:slant)?(?![a-zA-Z])|≥|⩾")
_AT_MOST = re.compile(r"\\leq?(?:slant)?(?![a-zA-Z])|≤|⩽")
# "x <= 2" is not the option "x = 2"
_BOUND = re.compile(r"(?:[<>≤≥]=?|\\[lg]eq?)\s*-?[\d.]+\W*$")
_NEGATION = re.compile(
    r"\b(?:not|isn't|aren't|neither|nor|rather than|instead of|never|unlike)\s+(?:\w+\s+){0,2}$"
    r"|\bno\s+(?:(?!other|doubt)\w+\s+)?$",
    re.I,
)


def squeezed(text: str) -> str:
    """Returns a text without case, markup, outer punctuation and article, blanks made single."""
    bare = without_delimiters(unmarked(plain(text))).strip(_EDGES)
    return _ARTICLE.sub("", _compact(bare))


def _compact(text: str) -> str:
    """Returns a text in lower case, signs of order as ASCII, blanks single or none by signs."""
    text = _AT_MOST.sub("<=", _AT_LEAST.sub(">=", text))
    return _BLANKS.sub(r"\1", re.sub(r"\s+", " ", text).lower())


def _wordings(text: str) -> set[str]:
    """Returns a squeezed text, "II only" also as "only II"."""
    words = re.fullmatch(r"only (.+)|(.+?),? only", text)
    what = (words[1] or words[2]) if words else ""
    return {f"only {what}", f"{what} only"} if words else {text}


def same_text(span: str, options: Mapping[str, str]) -> str | None:
    """Returns the one option whose whole text is `span`, or worth the same number."""
    said = squeezed(span)
    same = [letter for letter, text in options.items() if said in _wordings(squeezed(text))]
    if said and len(same) == 1:
        return same[0]
    return None if same else same_value(span, options, exact=True)


def same_value(span: str, options: Mapping[str, str], exact: bool) -> str | None:
    """Returns the one option that is worth the number which `span` gives; units do not count.

    Args:
        span: a number, or a sentence that ends in one.
        options: letter -> text.
        exact: whether `span` is the number and nothing else.
    """
    said = None if _BOUND.search(without_delimiters(span)) else _worth(span, exact)
    same = [
        letter
        for letter, text in options.items()
        if said is not None and _worth(text, True) == said
    ]
    return same[0] if len(same) == 1 else None


def _worth(text: str, exact: bool) -> tuple[float, bool] | None:
    """Returns the value of a number and whether it is a percentage."""
    text = in_digits(plain(text)) if exact else plain(text)
    if exact and not _NUMERIC.match(text):
        return None
    found = numbers.stated(unmarked(text), exact)
    worth = value(found.rstrip("%")) if found else None
    return None if worth is None or found is None else (round(float(worth), 9), found[-1] == "%")


def within(span: str, options: Mapping[str, str]) -> list[str]:
    """Returns the options whose texts stand in `span` as whole words and are not denied.

    A text inside another that stands there too does not count: "dark red" is not "red".
    """
    said = _compact(without_delimiters(span))
    texts = {letter: _wordings(text) for letter in options if (text := squeezed(options[letter]))}
    found = {
        letter: places
        for letter, wordings in texts.items()
        if (places := [place for each in wordings for place in _places(each, said)])
    }
    return [letter for letter in found if not _covered(letter, found)]


def _places(text: str, said: str) -> list[tuple[int, int]]:
    start, end = r"(?<![\w.])", r"(?!\w|[.,]\d)"
    if text[0].isdigit() or text[-1].isdigit():  # 7 is no part of 7 + 6
        start, end = rf"{start}(?<![-+*/^×÷])(?<![-+*/^×÷]\s)", rf"{end}(?!\s*[-+*/^×÷=]\s*[\d(])"
    if text.startswith("only "):  # "only I" is no part of "only I and II"
        end = rf"{end}(?!\s*(?:and|or|&)\s)"
    hits = re.finditer(f"{start}{re.escape(text)}{end}", said)
    return [hit.span() for hit in hits if not _NEGATION.search(said[: hit.start()])]


def _covered(letter: str, found: Mapping[str, list[tuple[int, int]]]) -> bool:
    others = [place for other, places in found.items() if other != letter for place in places]
    return all(
        any(a <= start and end <= b and (a, b) != (start, end) for a, b in others)
        for start, end in found[letter]
    )
