"""Forms that evaluations read, and options that stand in questions."""

from __future__ import annotations

import pytest

from frism.judging.arithmetic import value
from frism.judging.forms import as_decimal, as_integer, as_letters
from frism.judging.questions import options_in


@pytest.mark.parametrize(
    ("number", "whole"),
    [("14", "14"), ("14.0", "14"), ("14.5", None), ("6/2", "3"), ("45%", "45"), ("x", None)],
)
def test_whole_numbers(number: str, whole: str | None) -> None:
    assert as_integer(number) == whole


@pytest.mark.parametrize(
    ("number", "places", "decimal"),
    [
        ("2/3", 2, "0.67"),
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("1.45", 1, "1.5"),
        ("3", 1, "3.0"),
        ("45%", 1, "45.0"),
        ("0.6", None, "0.6"),
        ("2/3", None, "0.666666666667"),
        ("12", None, "12"),
        ("", 1, None),
    ],
)
def test_decimals(number: str, places: int | None, decimal: str | None) -> None:
    assert as_decimal(number, places) == decimal


def test_letters_are_joined() -> None:
    assert as_letters("A, C") == "AC"


def test_options_of_a_question() -> None:
    found = {"A": "2", "B": "2√{{3}}", "C": "√{{3}}", "D": "2√{{2}}"}
    assert (
        options_in("The length of BC is ()\nChoices:\nA:2\nB:2√{{3}}\nC:√{{3}}\nD:2√{{2}}") == found
    )
    assert options_in("Which?\n(A) 3/11 (B) 8/11\n(C) 6/11") == {
        **{"A": "3/11", "B": "8/11", "C": "6/11"}
    }
    assert options_in("Which one? A. cat, B. dog, C. cow\nAnswer with the letter.") == {
        **{"A": "cat", "B": "dog", "C": "cow"}
    }
    assert options_in("How long is AB? In triangle ABC: A. Then what?") == {}
    assert options_in("Select from A, B, C") == {}


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("1,234.5", 1234.5),
        ("-2^2", -4),
        (r"3\frac{1}{2}", 3.5),
        (r"-3\frac{1}{2}", -3.5),
        (r"\frac12", 0.5),
        (r"\frac{\sqrt3}{2}", 3**0.5 / 2),
        (r"\sqrt[3]{8}", 2),
        ("2(3 + 4)", 14),
        ("10^{-3}", 0.001),
        ("5²", 25),
        ("0^0", 1),
    ],
)
def test_values_of_constants(text: str, worth: float) -> None:
    found = value(text)
    assert found is not None
    assert float(found) == pytest.approx(worth, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "5 cm",
        "1/0",
        "(-8)^(1/3)",
        "9^9^9^9",
        "1e999999",
        "(" * 90,
        "0^{-1}",
        "12,34",
        "1 +",
    ],
)
def test_what_has_no_value(text: str) -> None:
    assert value(text) is None
