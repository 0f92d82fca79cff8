r"""Tokens of a constant expression: numbers, roots, fractions, signs and brackets."""
# ruff: noqa: RUF001 - the characters of many alphabets are the matter here

from __future__ import annotations

import re
from fractions import Fraction

from frism.judging.characters import raised

LARGEST_EXPONENT = 400
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE](?P<power>[+-]?\d+))?"
    r"|(?P<name>\\frac|\\sqrt|sqrt|√|\\pi|pi(?![a-z])|π)"
    r"|(?P<sign>\*\*|\\times|\\cdot|\\div|[-+*/^(){}\[\]×·÷])"
    r"|(?P<small>[½⅓⅔¼¾⅕⅙⅛⅜⅝⅞]))"
)
_SIGNS = {"**": "^", "\\times": "*", "×": "*", "\\cdot": "*", "·": "*", "\\div": "/", "÷": "/"}
_NAMES = {"\\pi": "pi", "π": "pi", "\\sqrt": "sqrt", "√": "sqrt"}
_SMALL = {
    **{"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5)},
    **{"⅙": (1, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8)},
}
# \frac12 and \sqrt3 take one digit each
_BARE_FRACTION = re.compile(r"\\frac\s*(\d|\{[^{}]*\})\s*(\d|\{[^{}]*\})")
_MIXED = re.compile(r"(?<![\d.,])(\d+)\s+(\d+)\s*/\s*(\d+)")
_BARE_ROOT = re.compile(r"\\sqrt\s*(\d)")


def number(digits: str, power: str | None = None) -> Fraction:
    """Returns the value of digits with thousands separators and a power of ten.

    Raises:
        ValueError: if the power is out of range.
    """
    exponent = int(power or 0) if len(power or "") < 6 else LARGEST_EXPONENT + 1
    if abs(exponent) > LARGEST_EXPONENT:
        raise ValueError("exponent out of range")
    return Fraction(digits.replace(",", "")) * Fraction(10) ** exponent


def _grouped(text: str) -> str:
    text = raised(text)
    text = _MIXED.sub(r"\1\\frac{\2}{\3}", text)
    text = _BARE_ROOT.sub(r"\\sqrt{\1}", text)
    return _BARE_FRACTION.sub(r"\\frac{(\1)}{(\2)}", text)


def tokens(text: str) -> list[str | Fraction]:
    """Returns the tokens of a constant expression.

    Raises:
        ValueError: if it holds anything else.
    """
    found: list[str | Fraction] = []
    position = 0
    text = _grouped(text).rstrip()
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError("no constant expression")
        found += _read(token)
        position = token.end()
    return found


def _read(token: re.Match[str]) -> list[str | Fraction]:
    if token["number"]:
        return [number(token["number"], token["power"])]
    if token["name"]:
        return [_NAMES.get(token["name"], token["name"])]
    if token["sign"]:
        return [_SIGNS.get(token["sign"], token["sign"])]
    return ["mixed", Fraction(*_SMALL[token["small"]])]
