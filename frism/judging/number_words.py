"""Numbers in words."""

from __future__ import annotations

import re

_UNITS = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: str(k) for k, word in enumerate(_UNITS)} | {
    word: str(10 * k) for k, word in enumerate(_TENS, start=2)
}
_CHINESE = dict(zip("零一二三四五六七八九十", map(str, range(11)), strict=True)) | {"两": "2"}
_WORD = re.compile(
    rf"\b(?:({'|'.join(_TENS)})[- ]({'|'.join(_UNITS[1:10])})|({'|'.join(_VALUES)}))\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"(?<![{''.join(_CHINESE)}])([{''.join(_CHINESE)}])(?=[个只条辆人本张次种]|$)"
)
_PARTS = {"half": 2, "halves": 2, "third": 3, "fourth": 4, "quarter": 4, "fifth": 5, "sixth": 6}
_PARTS |= {"seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
# "are three quarters" can be coins
_FRACTION = re.compile(
    rf"(?<!are )\b({'|'.join(_UNITS[1:10])})[- ]({'|'.join(_PARTS)})s?\b(?=\s+of\b|\s*[.!]?\s*$)",
    re.IGNORECASE,
)
# "the one on the left" and "one of them" count nothing
_PRONOUN = re.compile(
    r"\b(?:the|this|that|which|each|every|no|any|another)(?: \w+)? one\b"
    r"|\bone (?:of|that|which)\b",
    re.I,
)


def in_digits(text: str) -> str:
    """Returns `text` with its numbers in words as digits, "one" as a pronoun left alone."""
    text = _PRONOUN.sub(lambda found: found[0].lower().replace("one", "_"), text)
    text = _FRACTION.sub(_share, text)
    return _COUNTED.sub(lambda found: f" {_CHINESE[found[1]]} ", _WORD.sub(_digits, text))


def _share(words: re.Match[str]) -> str:
    return f"{_VALUES[words[1].lower()]}/{_PARTS[words[2].lower()]}"


def _digits(word: re.Match[str]) -> str:
    if word[3]:
        return _VALUES[word[3].lower()]
    return str(int(_VALUES[word[1].lower()]) + int(_VALUES[word[2].lower()]))
