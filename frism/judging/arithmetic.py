r"""The value of a constant, plain or LaTeX: `1,234.5`, `3/4`, `2\sqrt{3}`, `3 \times 10^8`.

A small grammar that runs nothing and bounds every power, so that no text can hang it:

    sum     = product (('+' | '-') product)*
    product = power (['*' | '/'] power)*
    power   = ['-' | '+'] atom ['^' power]
    atom    = number | pi | '(' sum ')' | \frac{sum}{sum} | \sqrt[number]{sum}
"""

from __future__ import annotations

import math
from fractions import Fraction

from frism.judging.tokens import LARGEST_EXPONENT, tokens

Value = Fraction | float

LONGEST = 100  # characters: longer ones are no answers, and would nest too deep
_LARGEST_BASE = 10**12
_CLOSING: dict[str | Fraction | None, str] = {"(": ")", "{": "}", "[": "]"}


def value(text: str) -> Value | None:
    """Returns what a constant expression is worth, exact where it is rational; else None."""
    if not text.strip() or len(text) > LONGEST:
        return None
    try:
        parser = _Parser(tokens(text))
        found = parser.sum()
        return found if parser.ended() and math.isfinite(found) else None
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


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
        return math.pow(radicand, 1 / degree)

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
    if abs(float(exponent)) > LARGEST_EXPONENT or abs(float(base)) > _LARGEST_BASE:
        raise ValueError("power out of range")
    if exponent == int(exponent) and isinstance(base, Fraction):
        return Fraction(base ** int(exponent))
    return math.pow(base, exponent)
