"""The question files of a family: complete, right, reproducible, and scored by VLMEvalKit."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from frism.cli.main import main
from frism.config.benchmarks import EMBEDDED_BENCHMARKS
from frism.config.pair_tree import Questions
from frism.embedded import vocabulary as v
from frism.embedded.benchmarks import tables
from frism.embedded.calibration import tables as calibration_tables
from frism.evaluation import kit
from frism.evaluation.answers import Answer
from frism.evaluation.datasets import build
from frism.evaluation.judges import judge_of
from frism.evaluation.scoring import score
from tests.embedded import SIZES, decoded, read_glyphs, read_image

NAMES = [name for group in EMBEDDED_BENCHMARKS.values() for name in group]
CHOICE = ["FrismSolveMCQ", "FrismItemMCQ"]
CALIBRATION = [
    "calibration.tsv",
    *(f"calibration_{kind}.tsv" for kind in ("read", "item", "count", "last", "noise", "text")),
]
# what the gates of earlier results were trained on
FIRST_768 = "653299cffc7935227d549504929e6f592084462cbd2b4255f44cfcc3f78f3e56"
FLAGS = [word for key, size in SIZES.items() for word in (f"--{key}", str(size))]


def write(root: Path, *seeds: int) -> list[Path]:
    folders = [root / f"seed-{seed}" for seed in seeds]
    lists = ["--seeds", *map(str, seeds), "--output", *map(str, folders)]
    assert main(["questions", *lists, *FLAGS]) == 0
    return folders


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of two families, made by one process."""
    return write(tmp_path_factory.mktemp("questions"), 1, 2)


@pytest.fixture
def data(folders: list[Path]) -> Path:
    return folders[0]


@pytest.fixture
def root(data: Path, tmp_path: Path) -> Iterator[Path]:
    """A data root of VLMEvalKit with links to the files, and a work directory."""
    (tmp_path / "work").mkdir()
    for file in data.iterdir():
        (tmp_path / file.name).symlink_to(file)
    with kit.settings(tmp_path):
        yield tmp_path


def read(data: Path, name: str, split: str = "TEST") -> pd.DataFrame:
    return pd.read_csv(data / f"{name}_{split}.tsv", sep="\t", dtype=str)


def test_every_benchmark_has_its_files(data: Path) -> None:
    expected = {f"{name}_{split}.tsv" for name in NAMES for split in ("VAL", "TEST")}
    assert {file.name for file in data.iterdir()} == {*expected, *CALIBRATION}
    for name in NAMES:
        columns = ["index", "image", "question", *(v.LETTERS if name in CHOICE else ()), "answer"]
        if name == "FrismSolveText":
            columns.remove("image")
        for split, size in (("VAL", SIZES["validation"]), ("TEST", SIZES["test"])):
            table = read(data, name, split)
            assert list(table.columns) == columns
            assert list(table["index"]) == [str(k) for k in range(size)]
            assert not table.isna().any(axis=None)


def calibration(data: Path, kind: str) -> pd.DataFrame:
    name = "calibration.tsv" if kind == "mixed" else f"calibration_{kind}.tsv"
    return pd.read_csv(data / name, sep="\t", dtype=str, keep_default_na=False)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("mixed", {"item", "count", "last"}),
        ("read", {"read"}),
        ("item", {"item"}),
        ("count", {"count"}),
        ("last", {"last"}),
        ("noise", {"item", "count", "last"}),
        ("text", {"item", "count", "last"}),
    ],
)
def test_calibration_asks_what_its_name_says(data: Path, kind: str, asked: set[str]) -> None:
    table = calibration(data, kind)
    assert list(table.columns) == ["index", "image", "question"]
    assert list(table["index"]) == [str(k) for k in range(SIZES["calibration"])]
    questions = table["question"].str.replace(v.CHOOSE, "", regex=False)
    commands = [set(v.COMMANDS) & set(question.split()) for question in questions]
    assert all(len(found) == 1 for found in commands)
    assert set.union(*commands) == asked
    chosen = table["question"].str.contains(v.CHOOSE, regex=False)
    assert chosen.any() == ("item" in asked)
    assert (table["image"] == "").all() == (kind == "text")


def test_calibration_images_show_training_digits_noise_or_nothing(data: Path) -> None:
    for kind in ("mixed", "read", "count"):
        table = calibration(data, kind)
        assert all(len(read_image(decoded(cell))) >= 4 for cell in table["image"])
    for cell in calibration(data, "noise")["image"]:
        pixels = decoded(cell)
        assert pixels.shape[0] == 8
        assert pixels.shape[1] in (32, 40, 48)
        # glyphs are mostly black
        assert 100 < pixels.mean() < 155
    for question in calibration(data, "text")["question"]:
        words = question.split()
        row = words[1 : words.index(v.VISION_END)]
        assert words[0] == v.VISION_START
        assert 4 <= len(row) <= 6
        assert set(row) <= set(v.SYMBOLS)


def test_longer_calibration_begins_with_the_rows_of_shorter() -> None:
    short, long = dict(calibration_tables(1, 768)), dict(calibration_tables(1, 800))
    assert set(short) == set(CALIBRATION)
    for name, table in short.items():
        assert len(long[name]) == 800
        pd.testing.assert_frame_equal(long[name].head(768), table)
    digest = hashlib.sha256(short["calibration.tsv"].to_csv(sep="\t", index=False).encode())
    assert digest.hexdigest() == FIRST_768


def test_the_default_family_is_as_large_as_claims_need() -> None:
    assert Questions().test >= 300
    groups = {group: set(names) for group, names in EMBEDDED_BENCHMARKS.items()}
    assert len(groups["reasoning"]) >= 3
    assert len(groups["perception"]) >= 4
    assert len(groups["text"]) >= 1
    for group in ("reasoning", "perception"):  # both kinds of question in both
        assert groups[group] & set(CHOICE)
        assert groups[group] - set(CHOICE)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("split", ["VAL", "TEST"])
def test_answers_follow_from_what_is_shown(data: Path, name: str, split: str) -> None:
    for row in read(data, name, split).to_dict("records"):
        question = row["question"].split()
        if "image" in row:
            shown = read_image(decoded(row["image"]))
        else:
            shown = question[1 : question.index(v.VISION_END)]
        answer = row[row["answer"]] if name in CHOICE else row["answer"]
        assert answer == solved(shown, question[-2:])
        assert {row[letter] for letter in v.LETTERS if letter in row} >= (
            {answer} if name in CHOICE else set()
        )


def solved(row: list[str], question: list[str]) -> str:
    """Answers from the symbols shown, by Python's own arithmetic."""
    places = "abcdef"
    pairs = [f"{letter} {symbol}" for letter, symbol in zip(places, row, strict=False)]
    match question:
        case [*_, "solve"]:
            return str(eval("".join(row)))
        case [*_, "add"]:
            return str(eval("+".join(row)))
        case ["item", place]:
            return row[places.index(place)]
        case ["from", place]:
            return " ".join([*pairs[places.index(place) :], ";"])
        case [*_, "count"]:
            return str(len(row))
        case [*_, "last"]:
            return row[-1]
        case _:
            assert question[-1] == "read"
            return " ".join([*pairs, ";"])


def test_images_of_the_splits_share_no_digit(data: Path) -> None:
    """The digit images behind the glyphs, found by their likeness."""
    images = {
        "VAL": [c for n in NAMES if n != "FrismSolveText" for c in read(data, n, "VAL")["image"]],
        "TEST": [c for n in NAMES if n != "FrismSolveText" for c in read(data, n)["image"]],
        "calibration": list(pd.read_csv(data / "calibration.tsv", sep="\t")["image"]),
    }
    used = {split: sources(cells) for split, cells in images.items()}
    for one, other in itertools.combinations(used, 2):
        assert used[one].isdisjoint(used[other])
    assert all(len(found) > 80 for found in used.values())


def sources(cells: list[str]) -> set[int]:
    """Numbers of scikit-learn's digits that the images show."""
    found = {number for cell in cells for _, number in read_glyphs(decoded(cell))}
    return found - {-1}


def test_equal_seeds_give_equal_bytes(folders: list[Path], tmp_path: Path) -> None:
    (again,) = write(tmp_path, 2)  # alone, where the fixture made two families at once
    for file in again.iterdir():
        assert file.read_bytes() == (folders[1] / file.name).read_bytes()
        assert file.read_bytes() != (folders[0] / file.name).read_bytes()


def test_the_largest_sizes_exist_without_repeats() -> None:
    """The ranges of the configuration end where a split has no more different problems."""
    fields = Questions.model_fields
    most = {name: next(m.le for m in fields[name].metadata if hasattr(m, "le")) for name in SIZES}
    found = dict(tables(1, {**most, "calibration": 1}))
    for name in ("FrismSolve", "FrismSolveText"):
        for split, key in (("VAL", "validation"), ("TEST", "test")):
            assert len(found[f"{name}_{split}.tsv"]) == most[key]
    texts = found["FrismSolveText_TEST.tsv"]["question"].str.partition(v.VISION_END)[0]
    assert not texts.duplicated().any()


@pytest.mark.parametrize("name", NAMES)
def test_vlmevalkit_scores_right_values_and_no_others(root: Path, name: str) -> None:
    """The models answer with a value, which VLMEvalKit has to map to a letter by itself."""
    table = read(root, name)
    right: dict[int | str, Answer] = {}
    wrong: dict[int | str, Answer] = {}
    for row in table.to_dict("records"):
        index, answer = int(row["index"]), row["answer"]
        others = [x for x in v.LETTERS if x != answer]
        value, other = (row[answer], row[others[index % 3]]) if name in CHOICE else (answer, "x")
        right[index] = Answer(f"{v.THINK} 3 + 4 = 7 {v.END_THINK} {value}", 4, True)
        wrong[index] = Answer(other, 4, True)
    for answers, expected in ((right, 1.0), (wrong, 0.0)):
        dataset = build(f"{name}_TEST")
        assert len(dataset) == len(table)
        work = root / "work" / str(expected)
        work.mkdir()
        scored = score(dataset, answers, work, judge_of("rule"))
        assert set(scored.hits.values()) == {expected}
        assert scored.score == 100 * expected
