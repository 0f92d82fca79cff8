"""What is wrong with a benchmark file is told before anything heavy is loaded."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from frism.errors import DataError
from frism.evaluation import local_files, tables
from frism.evaluation.tables import check_tables
from tests.pico_questions import choice_rows, encoded_image, open_rows, save, text_rows

Change = Callable[[pd.DataFrame], pd.DataFrame]


def jpeg(width: int = 40) -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize((width, 40)).save(buffer, "JPEG")
    return buffer.getvalue()


def cell(content: bytes) -> str:
    return base64.b64encode(content).decode()


def with_values(column: str, **values: Any) -> Change:
    """Returns a change of single cells: row `r2` is the second."""
    rows = {int(name[1:]) - 1: value for name, value in values.items()}

    def change(table: pd.DataFrame) -> pd.DataFrame:
        cells = [rows.get(k, value) for k, value in enumerate(table[column])]
        return table.assign(**{column: cells})

    return change


REFUSED: dict[str, tuple[Change, str]] = {
    "no rows": (lambda table: table[:0], "found no question; expected at least one row"),
    "no index": (lambda t: t.drop(columns="index"), "found the columns image, question, answer"),
    "no question": (lambda t: t.drop(columns="question"), "expected question too"),
    "no answer column": (lambda t: t.drop(columns="answer"), "expected answer too"),
    "no image column": (lambda t: t.drop(columns="image"), "expected image or image_path too"),
    "duplicate index": (
        with_values("index", r3=0),
        "row 3, index 0: row 1 has the same index; expected another",
    ),
    "the same number": (with_values("index", r3="00"), "row 3, index 0: row 1 has the same"),
    "empty index": (with_values("index", r2=""), "row 2, index empty: expected a number or text"),
    "reference to nowhere": (
        with_values("image", r2="17"),
        "row 2, index 1: found '17' for an image, but no row has that index",
    ),
    "reference to a reference": (
        with_values("image", r2="2", r3="1"),
        "row 2, index 1: found '2' for an image, but that row has none either",
    ),
    "answer outside the options": (
        with_values("answer", r4="E"),
        "row 4, index 3: found the answer 'E'; expected one of the options A, B, C, D",
    ),
    "answer without an option text": (
        lambda table: with_values("D", r4="")(with_values("answer", r4="D")(table)),
        "row 4, index 3: found the answer 'D'; expected one of the options A, B, C",
    ),
    "answer of several letters outside": (
        with_values("answer", r4="A, E"),
        "found the answer 'A, E'; expected one of the options",
    ),
    "answer is the text": (with_values("answer", r1="lower left"), "'lower left'; expected one of"),
    "no answer": (with_values("answer", r1=""), "row 1, index 0: found no answer; expected one"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_malformed_file_is_refused_with_one_line(name: str, tmp_path: Path) -> None:
    change, message = REFUSED[name]
    path = save(change(choice_rows(list("ABCDAB"))), tmp_path, "FrismItemMCQ_TEST")
    with pytest.raises(DataError) as caught:
        check_tables([path])
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}: ")
    assert message in line


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: b"", "found nothing; expected index, question, answer, image or image_path"),
        (lambda text: text[: len(text) * 3 // 4], "row 5: found 2 cells; expected 8"),
        (lambda text: text + b'6\t"half', "cannot be read after row 6: unexpected end of data"),
        (lambda text: text.replace(b"solve", b"\xff\xfe", 1), "cannot be read"),
    ],
)
def test_a_file_that_is_cut_off_is_refused(
    damage: Callable[[bytes], bytes], message: str, tmp_path: Path
) -> None:
    path = save(choice_rows(list("ABCDAB")), tmp_path, "FrismItemMCQ_TEST")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=message) as caught:
        check_tables([path])
    assert "the file again" in str(caught.value)


@pytest.mark.parametrize(("answer", "right"), [("Yes", True), ("yes", False), ("maybe", False)])
def test_yes_and_no_are_the_answers_of_yes_no_benchmarks(
    answer: str, right: bool, tmp_path: Path
) -> None:
    path = save(open_rows(["Yes", "No", answer]).assign(category="random"), tmp_path, "POPE")
    if right:
        assert check_tables([path], unverified=True) == {"POPE": {}}
        return
    with pytest.raises(DataError, match=f"index 2: found the answer '{answer}'; expected Yes or"):
        check_tables([path], unverified=True)


def test_sound_files_have_no_marks(tmp_path: Path) -> None:
    multiple = choice_rows(list("ABCD")).assign(answer=["A", "B, D", "AC", "D"])
    half_open = with_values("answer", r2="7 apples")(choice_rows(list("ABCD")))
    half_open.loc[1, list("ABCD")] = ""
    shared = with_values("image", r2="0", r4=str([encoded_image(2, k) for k in range(3)]))
    files = [
        save(multiple, tmp_path, "Multiple"),
        save(half_open, tmp_path, "HalfOpen"),
        save(shared(open_rows(list("1234"))), tmp_path, "Shared"),
        save(text_rows(["1", "2"]), tmp_path, "FrismSolveText_TEST"),
        save(text_rows(["1", "2"]), tmp_path, "OwnText"),
    ]
    assert check_tables(files, text=["OwnText"]) == {file.stem: {} for file in files}


def test_a_broken_image_is_a_marked_row(tmp_path: Path) -> None:
    whole = jpeg()
    png = base64.b64decode(encoded_image(3, 1))
    images = {
        "r1": cell(whole),
        "r2": cell(whole[: len(whole) // 2]),
        "r3": cell(png[: len(png) // 2] + b"x" + png[len(png) // 2 + 1 :]),
        "r4": cell(b"no image at all, but long enough to be one" * 3),
        "r5": "%%%" * 40,
        "r6": "",
        "r7": "1",
        "r8": str([cell(whole), cell(whole[:200])]),
        "r9": "[" + cell(whole),
    }
    table = with_values("image", **images)(open_rows(["x"] * 10))
    (marked,) = check_tables([save(table, tmp_path, "Own")]).values()
    assert {k: reason.partition(" (")[0] for k, reason in marked.items()} == {
        1: "cannot be decoded",
        2: "cannot be decoded",
        3: "cannot be decoded",
        4: "no base64",
        5: "no image",
        6: "the image is that of 1: cannot be decoded",
        7: "image 2 of 2: cannot be decoded",
        8: "no base64",
    }
    named = table.assign(index=[f"q{k}" for k in range(10)], image=[cell(whole)] * 9 + ["%" * 99])
    (marked,) = check_tables([save(named, tmp_path, "Own")]).values()
    assert list(marked) == ["q9"]


def test_image_files_are_looked_at_where_they_lie(tmp_path: Path) -> None:
    (tmp_path / "images" / "Own").mkdir(parents=True)
    (tmp_path / "images" / "Own" / "a.jpg").write_bytes(jpeg())
    (tmp_path / "b.jpg").write_bytes(jpeg()[:100])
    paths = ["a.jpg", str(tmp_path / "b.jpg"), "c.jpg", "['a.jpg', 'c.jpg']"]
    table = open_rows(list("1234")).drop(columns="image").assign(image_path=paths)
    (marked,) = check_tables([save(table, tmp_path, "Own")]).values()
    missing = f"{tmp_path / 'images' / 'Own' / 'c.jpg'} does not exist"
    assert marked[1].startswith("cannot be decoded")
    assert {k: marked[k] for k in (2, 3)} == {2: missing, 3: f"image 2 of 2: {missing}"}
    assert list(marked) == [1, 2, 3]


def test_missing_files_come_with_the_command_that_fetches_them(tmp_path: Path) -> None:
    there = save(open_rows(["1"]), tmp_path, "Own")
    missing = [tmp_path / "POPE.tsv", tmp_path / "MME.tsv"]
    with pytest.raises(DataError) as caught:
        check_tables([there, *missing])
    assert str(caught.value) == (
        f"{missing[0]}, {missing[1]} are missing; run: frism prefetch --benchmarks POPE MME "
        f"--data {tmp_path}"
    )
    with pytest.raises(DataError, match="is missing; give the folder `data` of the model"):
        check_tables([tmp_path / "FrismSolve_TEST.tsv"])


def test_a_file_under_a_name_of_vlmevalkit_is_vlmevalkits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vlmeval.dataset.image_yorn import ImageYORNDataset

    path = save(open_rows(["Yes", "No"]).assign(category="random"), tmp_path, "POPE")
    with pytest.raises(DataError) as caught:
        check_tables([path])
    found = hashlib.md5(path.read_bytes()).hexdigest()
    assert f"found the MD5 {found}, expected c12f5acb142f2ef1f85a26ba2fbe41d5" in str(caught.value)
    assert "--unverified" in str(caught.value)
    assert check_tables([path], unverified=True) == {"POPE": {}}
    # what is VLMEvalKit's own is taken as it is
    path = save(open_rows(["Yes", "maybe"]).assign(category="random"), tmp_path, "POPE")
    md5 = hashlib.md5(path.read_bytes()).hexdigest()
    monkeypatch.setitem(ImageYORNDataset.DATASET_MD5, "POPE", md5)
    assert check_tables([path]) == {"POPE": {}}
    monkeypatch.setattr(tables, "QUICK", 10)
    assert check_tables([path]) == {"POPE": {}}
    (tmp_path / "POPE.tsv").write_text("another")
    with pytest.raises(DataError, match="found the columns another"):
        check_tables([path])


def test_a_large_file_is_read_as_vlmevalkit_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from frism.prefetch.localize import localize

    monkeypatch.setattr(local_files, "LARGE", 100)
    (tmp_path / "a").mkdir()
    path = save(open_rows(list("12")), tmp_path / "a", "Own")
    with pytest.raises(DataError, match=r"Own_local\.tsv is missing, or its images are"):
        check_tables([path])
    localize(path)
    assert check_tables([path]) == {"Own": {}}
    moved = path.parent.rename(tmp_path / "b") / "Own.tsv"
    with pytest.raises(DataError, match="needs both; run: frism prefetch --benchmarks Own"):
        check_tables([moved])


def test_nothing_heavy_is_loaded_to_find_a_malformed_file(tmp_path: Path) -> None:
    path = save(open_rows(["1"]).drop(columns="image"), tmp_path, "FrismSolve_TEST")
    code = f"""
import sys
from pathlib import Path
from frism.errors import DataError
from frism.evaluation.tables import check_tables
try:
    check_tables([Path({str(path)!r})])
except DataError as error:
    print(error)
print([name for name in ("torch", "transformers", "vlmeval", "pandas") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert "expected image or image_path too" in first
    assert second == "[]"
