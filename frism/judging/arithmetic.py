r"""The value of a constant expression, plain or LaTeX: `1,234.5`, `3/4`, `2\sqrt{3}`, `3 \times 10^8`.

A small grammar that runs nothing and bounds every power, so that no text can hang it:

    sum     = product (('+' | '-') product)*
    product = power (['*' | '/'] power)*
    power   = ['-' | '+'] atom ['^' power]
    atom    = number | pi | '(' sum ')' | \frac{sum}{sum} | \sqrt[number]{sum}
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

from frism.judging.characters import raised

Value = Fraction | float

LONGEST = 100  # characters: longer ones are no answers, and would nest too deep
_LARGEST_EXPONENT = 400
_LARGEST_BASE = 10**12
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
_CLOSING: dict[str | Fraction | None, str] = {"(": ")", "{": "}", "[": "]"}
# \frac12 and \sqrt3 take one digit each
_BARE_FRACTION = re.compile(r"\\frac\s*(\d|\{[^{}]*\})\s*(\d|\{[^{}]*\})")
_MIXED = re.compile(r"(?<![\d.,])(\d+)\s+(\d+)\s*/\s*(\d+)")
_BARE_ROOT = re.compile(r"\\sqrt\s*(\d)")


def value(text: str) -> Value | None:
    """Returns what a constant expression is worth, exact where it is rational; else None."""
    if not text.strip() or len(text) > LONGEST:
        return None
    try:
        parser = _Parser(_tokens(_grouped(text)))
        found = parser.sum()
        return found if parser.ended() and math.isfinite(found) else None
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def number(digits: str, power: str | None = None) -> Fraction:
    """Returns the value of digits with thousands separators and a power of ten.

    Raises:
        ValueError: if the power is out of range.
    """
    exponent = int(power or 0) if len(power or "") < 6 else _LARGEST_EXPONENT + 1
    if abs(exponent) > _LARGEST_EXPONENT:
        raise ValueError("exponent out of range")
    return Fraction(digits.replace(",", "")) * Fraction(10) ** exponent


def _grouped(text: str) -> str:
    text = raised(text)
    text = _MIXED.sub(r"\1\\frac{\2}{\3}", text)
    text = _BARE_ROOT.sub(r"\\sqrt{\1}", text)
    return _BARE_FRACTION.sub(r"\\frac{(\1)}{(\2)}", text)


def _tokens(text: str) -> list[str | Fraction]:
    found: list[str | Fraction] = []
    position = 0
    text = text.rstrip()
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


class _Parser:
    """Recursive descent over tokens; every method consumes what it returns the value of."""

    def __init__(self, tokens: list[str | Fraction]) -> None:
        self.tokens = tokens
        self.position = 0

    def next(self) -> str | Fraction | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def ended(self) -> bool:
        return self.position == len(self.tokens)

    def take(self, *wanted: str) -> bool:
        taken = self.next() in wanted
        self.position += taken
        return taken

    def sum(self) -> Value:
        total = self.product()
        while self.next() in ("+", "-"):
            total = total + self.product() if self.take("+") else total - self._after("-")
        return total

    def _after(self, sign: str) -> Value:
        self.take(sign)
        return self.product()

    def product(self) -> Value:
        total = self.power()
        while True:
            if self.take("*"):
                total = total * self.power()
            elif self.take("/"):
                total = total / self.power()
            elif self.next() in ("\\frac", "sqrt", "pi", "(", "mixed"):
                total = self._beside(total)
            else:
                return total

    def _beside(self, total: Value) -> Value:
        # 3\frac{1}{2} and 3½ are sums, 2\sqrt{3} and 2(3) are products
        whole = isinstance(self.tokens[self.position - 1], Fraction) and total == int(total)
        mixed = self.next() in ("\\frac", "mixed") and whole
        part = self.power()
        if not mixed:
            return total * part
        return total - part if total < 0 else total + part

    def power(self) -> Value:
        if self.take("-"):
            return -self.power()
        self.take("+")
        base = self.atom()
        return _raised(base, self.power()) if self.take("^") else base

    def atom(self) -> Value:
        token = self.next()
        self.position += 1
        if token == "mixed":
            return self.atom()
        if isinstance(token, Fraction):
            return token
        if token == "pi":
            return math.pi
        if token == "\\frac":
            return self.argument() / self.argument()
        if token == "sqrt":
            return self.root()
        return self.closed(token)

    def root(self) -> Value:
        degree = self.closed("[") if self.take("[") else Fraction(2)
        radicand = self.argument()
        exact = math.isqrt(int(radicand)) if 0 <= radicand <= _LARGEST_BASE else 0
        if degree == 2 and exact**2 == radicand:
            return Fraction(exact)
        if radicand < 0:
            raise ValueError("root of a negative number")
        return float(radicand) ** float(1 / degree)

    def argument(self) -> Value:
        return self.closed("{") if self.take("{") else self.atom()

    def closed(self, opening: str | Fraction | None) -> Value:
        if opening not in _CLOSING:
            raise ValueError("no constant expression")
        inner = self.sum()
        if not self.take(_CLOSING[opening]):
            raise ValueError("a bracket is not closed")
        return inner


def _raised(base: Value, exponent: Value) -> Value:
    if abs(exponent) > _LARGEST_EXPONENT or abs(base) > _LARGEST_BASE:
        raise ValueError("power out of range")
    if exponent == int(exponent) and isinstance(base, Fraction):
        return base ** int(exponent)
    found = float(base) ** float(exponent)
    if isinstance(found, complex):
        raise ValueError("a complex number")
    return found
