"""Whether an answer equals the truth, and that no answer can stop the comparison."""

from __future__ import annotations

import multiprocessing
import threading

import pytest

from frism.judging import Kind, equal
from frism.judging.comparison import Verifier, verified

SAME: list[tuple[str, str, Kind]] = [
    (r"25\%", "0.25", "expression"),
    ("0.25", r"25\%", "expression"),
    (r"1 \le x < 4", "[1,4)", "expression"),
    ("x < 2", r"(-\infty,2)", "expression"),
    ("B", "b", "choice"),
    ("A, C", "C, A", "choices"),
    ("A, C", "AC", "choices"),
    ("Yes", "yes", "yes_no"),
    ("14", "14.0", "number"),
    ("3.14159", "3.14", "number"),
    ("0.6", "3/5", "number"),
    ("0.33", "1/3", "number"),
    ("3.46", r"2\sqrt{3}", "number"),
    ("1234", "1,234", "number"),
    ("45%", "45", "number"),
    ("45%", "0.45", "number"),
    ("45%", "45%", "number"),
    ("-3", "$-3$", "number"),
    ("5", "5 cm", "number"),
    ("[2007, 2008]", "[2007, 2008]", "list"),
    ("[1, 0.5]", "[1.0, 1/2]", "list"),
    (r"\frac{1}{2}", "0.5", "expression"),
    (r"\frac{6}{8}", r"\frac{3}{4}", "expression"),
    ("x^2 + 2x + 1", "(x+1)^2", "expression"),
    (r"2\sqrt{5}", r"\sqrt{20}", "expression"),
    ("y = 2x + 1", "2x+1", "expression"),
    ("120", r"120^\circ", "expression"),
    ("24", r"24 \text{ cm}^2", "expression"),
    ("( -2, 1 )", "(-2,1)", "expression"),
    (r"\{2, 1\}", r"\{1, 2\}", "expression"),
    (r"\sin^2 x + \cos^2 x", "1", "expression"),
    (r"r\sqrt{3}", "√3 r", "expression"),
    (r"(2+\pi)r", r"2r + \pi r", "expression"),
    ("1:3", "1 : 3", "expression"),
    ("New York.", "new york", "text"),
    ("the red car", "Red Car", "text"),
    ("0.50", "0.5", "text"),
]
DIFFERENT: list[tuple[str, str, Kind]] = [
    (r"5\%", r"25\%", "expression"),
    (r"x \le 2", r"(-\infty,2)", "expression"),
    ("A", "B", "choice"),
    ("", "A", "choice"),
    ("A, C", "A", "choices"),
    ("No", "Yes", "yes_no"),
    ("18", "8", "number"),
    ("14.4", "14", "number"),
    ("3.1", "3.14", "number"),
    ("0.3", "1/3", "number"),
    ("45", "0.45", "number"),
    ("-3", "3", "number"),
    ("[1, 2]", "[2, 1]", "list"),
    ("[1]", "[1, 2]", "list"),
    ("0.33", r"\frac{1}{3}", "expression"),
    ("x^2 + 1", "(x+1)^2", "expression"),
    ("(0, 2)", "(2, 0)", "expression"),
    ("[0, 2)", "(0, 2]", "expression"),
    (r"2\sqrt{5}", r"5\sqrt{2}", "expression"),
    ("y = 2x + 1", "y = 2x - 1", "expression"),
    ("york", "new york", "text"),
]
ENDLESS = [
    "9^{9^{9^9}}",
    "9**9**9**9",
    "(10^{10})^{10^{10}}",
    "x^{123456789}",
    "99999!",
    r"\sum_{n=1}^{\infty} \frac{1}{n^{10^{9}}}",
]


@pytest.mark.parametrize(("found", "truth", "kind"), SAME)
def test_equal(found: str, truth: str, kind: Kind) -> None:
    assert equal(found, truth, kind)


@pytest.mark.parametrize(("found", "truth", "kind"), DIFFERENT)
def test_different(found: str, truth: str, kind: Kind) -> None:
    assert not equal(found, truth, kind)


@pytest.mark.parametrize("found", ENDLESS)
def test_huge_powers_end(found: str) -> None:
    assert not equal(found, "3", "expression")


def test_a_limit_ends_what_no_exception_can() -> None:
    verifier = Verifier(seconds=0.5)
    assert not verifier.equal(r"7^{7^{7^{7}}}", "3")
    assert verifier.equal("x + x", "2x"), "the next comparison has a process of its own"


def test_comparisons_work_in_threads_and_forks() -> None:
    verified.cache_clear()
    assert verified("x + x", "2x")
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda k=k: answers.append(verified(f"{k}x + x", f"{k + 1}x")))
        for k in range(3, 7)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 4
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pairs = [(f"{k}y - y", f"{k - 1}y") for k in range(3, 7)]
        assert pool.starmap(verified, pairs) == [True] * 4
    assert verified("3z + z", "4z")
