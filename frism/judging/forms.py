"""Extracted answers in the forms that evaluations read: integers, decimals, joined letters."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from frism.judging.arithmetic import value

_DIGITS = 60  # of precision, more than any benchmark asks for


def as_integer(number: str) -> str | None:
    """Returns a whole number without decimals: `14.0` as `14`; None where it is not whole.

    Args:
        number: what `extract` returned for a number; a percent sign counts as a unit.
    """
    worth = value(number.rstrip("%"))
    if worth is None or worth != int(worth):
        return None
    return str(int(worth))


def as_decimal(number: str, places: int | None = None) -> str | None:
    """Returns a number as a decimal, `2/3` as `0.67` at two places; halves are rounded up.

    Args:
        number: what `extract` returned for a number; a percent sign counts as a unit.
        places: decimals to round to; None keeps a decimal as it is and gives others twelve digits.
    """
    worth = value(number.rstrip("%"))
    if worth is None:
        return None
    if places is None:
        return str(int(worth)) if worth == int(worth) else f"{float(worth):.12g}"
    with localcontext() as context:
        context.prec = _DIGITS
        numerator, denominator = worth.as_integer_ratio()
        exact = Decimal(numerator) / Decimal(denominator)
        return str(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def as_letters(choices: str) -> str:
    """Returns sorted letters without separators: `A, C` as `AC`."""
    return choices.replace(", ", "")
