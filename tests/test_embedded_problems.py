"""Problems of the embedded family against Python's own arithmetic, and their splits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from frism.embedded import glyphs
from frism.embedded import vocabulary as v
from frism.embedded.corpus import Mixture
from frism.embedded.examples import Example
from frism.embedded.problems import PERCEPTION, REASONING, Problem, with_options
from frism.embedded.rows import SHARES, SPLITS, Row, any_row, split_of
from tests.embedded import read_image

KINDS = {**REASONING, **PERCEPTION}
DRAWN = 150


def drawn(kind: str, split: str, count: int = DRAWN) -> list[Problem]:
    rng = np.random.default_rng([SPLITS.index(split), sorted(KINDS).index(kind)])
    return [KINDS[kind](rng, split) for _ in range(count)]


def value(row: Row) -> int:
    joint = "" if set(row) & set("+-") else "+"
    return int(eval(joint.join(row)))


def expected(kind: str, problem: Problem) -> str:
    """The answer, from the row alone."""
    row, places = problem.row, "abcdef"
    place = places.find(problem.question[-1])
    pairs = [f"{letter} {symbol}" for letter, symbol in zip(places, row, strict=False)]
    answers = {
        "Count": lambda: str(len(row)),
        "Last": lambda: row[-1],
        "Read": lambda: " ".join([*pairs, ";"]),
        "Tail": lambda: " ".join([*pairs[place:], ";"]),
        "Item": lambda: row[place],
        "ItemMCQ": lambda: row[place],
    }
    return answers.get(kind, lambda: str(value(row)))()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("split", SPLITS)
def test_answers_are_right(kind: str, split: str) -> None:
    for problem in drawn(kind, split):
        assert " ".join(problem.answer) == expected(kind, problem)
        assert split_of(problem.row) == split


@pytest.mark.parametrize("kind", REASONING)
def test_chains_lead_to_the_answer(kind: str) -> None:
    for problem in drawn(kind, "training"):
        shown, *steps = " ".join(problem.steps).split(" ; ")
        assert shown.split()[::2] == list("abcdef"[: len(problem.row)])
        assert shown.split()[1::2] == list(problem.row)
        results: list[str] = []
        for step in steps:
            left, result = step.split(" = ")
            assert eval(left) == int(result)
            assert not results or left.split()[0] == results[-1]
            results.append(result)
        assert len(steps) == sum(symbol.isdigit() for symbol in problem.row) - 1
        assert (results[-1],) == problem.answer
        assert all(0 <= int(result) <= v.LARGEST_NUMBER for result in results)


@pytest.mark.parametrize("kind", ["SolveMCQ", "ItemMCQ"])
def test_options_hold_the_answer_once_and_no_other_within_it(kind: str) -> None:
    letters = []
    for problem in drawn(kind, "test", 400):
        assert len(problem.options) == 4
        assert problem.options.count(problem.answer[0]) == 1
        for one, other in itertools.permutations(problem.options, 2):
            assert one not in other
        letters.append(problem.options.index(problem.answer[0]))
    assert np.bincount(letters, minlength=4).min() > 60  # a fixed letter would score above chance


@pytest.mark.parametrize("value", range(v.LARGEST_NUMBER + 1))
def test_four_options_exist_for_every_value(value: int) -> None:
    near = [str(n) for n in range(value - 6, value + 7) if 0 <= n <= v.LARGEST_NUMBER]
    rng = np.random.default_rng(value)
    for _ in range(30):
        problem = with_options(Problem((), ("solve",), (str(value),)), near, rng)
        assert len(set(problem.options)) == 4


def test_rows_of_the_splits_are_disjoint() -> None:
    rows = {split: {p.row for kind in KINDS for p in drawn(kind, split)} for split in SPLITS}
    for one, other in itertools.combinations(SPLITS, 2):
        assert rows[one].isdisjoint(rows[other])
    assert all(len(rows[split]) > DRAWN for split in SPLITS)


def test_the_splits_have_their_shares_of_rows() -> None:
    rows = list(itertools.product(v.DIGITS, repeat=4))
    found = [split_of(row) for row in rows]
    for split, share in SHARES.items():
        assert found.count(split) / len(rows) == pytest.approx(share, abs=0.02)


def test_digit_images_of_the_splits_are_disjoint_and_labelled() -> None:
    pixels, labels = load_digits(return_X_y=True)
    label = {image.tobytes(): str(digit) for image, digit in zip(pixels / 16, labels, strict=True)}
    owned: dict[str, set[bytes]] = {}
    for split in SPLITS:
        sets = glyphs.digit_images(split)
        assert all(label[i.tobytes()] == digit for digit in sets for i in sets[digit])
        owned[split] = {image.tobytes() for images in sets.values() for image in images}
    assert sum(len(images) for images in owned.values()) == len(label) == len(labels)
    assert set.union(*owned.values()) == set(label)


@pytest.mark.parametrize("split", SPLITS)
def test_images_show_their_rows_in_glyphs_of_the_split(split: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        row = any_row(rng, split)
        image = glyphs.draw(row, split, rng)
        assert image.shape == (8, 8 * len(row), 3)
        assert image.dtype == np.uint8
        assert read_image(image) == list(row)
        for symbol, block in zip(row, np.split(image.max(axis=2), len(row), axis=1), strict=True):
            assert symbol in v.OPERATORS or _scaled(block, glyphs.digit_images(split)[symbol])


def _scaled(block: np.ndarray, images: np.ndarray) -> bool:
    """Whether `block` is one of `images` in a colour between 0.6 and 1."""
    peak = block.max() / 255 / images.max(axis=(1, 2))
    error = np.abs(255 * images * peak[:, None, None] - block).max(axis=(1, 2))
    return bool(((error < 2) & (peak > 0.59) & (peak <= 1)).any())


def test_a_mixture_keeps_its_shares() -> None:
    def part(word: str) -> Example:
        return Example([word], [True])

    mixture = Mixture({lambda rng: part("1"): 1.0, lambda rng: part("2"): 3.0})
    rng = np.random.default_rng(0)
    words = [mixture(rng).words[0] for _ in range(4000)]
    assert words.count("1") / len(words) == pytest.approx(0.25, abs=0.03)
    assert set(words) == {"1", "2"}
