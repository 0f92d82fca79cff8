"""Calibration questions from benchmarks and folders of images."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from frism.cli.main import main
from frism.config.calibration import Calibration
from frism.distillation.questions import Question, content_hash, read_questions
from frism.distillation.sources.drawing import draw_questions
from frism.errors import ConfigError, DataError, FrismError
from tests.calibration_inputs import cell, encoded, pixels, rows, write_images, write_tsv

Rows = list[dict[str, Any]]


def benchmark(folder: Path, table: Rows, name: str = "VizWiz") -> Calibration:
    write_tsv(folder / f"{name}.tsv", table)
    return Calibration(benchmark=name, folder=str(folder))


def shows(question: Question, seed: int) -> bool:
    return question.image is not None and np.array_equal(np.asarray(question.image), pixels(seed))


def test_a_benchmark_is_drawn_by_its_seed(tmp_path: Path) -> None:
    source = benchmark(tmp_path, rows(12))
    drawn = draw_questions(source, 5, seed=3)
    expected = [str(k) for k in np.random.default_rng(3).permutation(12)[:5]]
    assert [each.name for each in drawn] == expected
    assert [each.text for each in drawn] == [f"what {k}" for k in expected]
    assert all(shows(each, int(each.name)) for each in drawn)
    assert draw_questions(source, 5, seed=3) == drawn
    assert draw_questions(source, 3, seed=3) == drawn[:3]
    assert draw_questions(source, 5, seed=4) != drawn


def test_answers_are_never_shown(tmp_path: Path) -> None:
    labelled = draw_questions(benchmark(tmp_path / "a", rows(6)), 6, seed=0)
    for row in (table := rows(6)):
        del row["answer"]
    assert draw_questions(benchmark(tmp_path / "b", table), 6, seed=0) == labelled
    assert not any("secret" in each.text for each in labelled)


def test_images_of_other_rows_and_rows_without_images(tmp_path: Path) -> None:
    table = rows(5)
    table[1]["image"], table[3]["image"] = "4", ""
    table[2]["question"] = 'line\nbreak\t"quoted"'
    drawn = draw_questions(benchmark(tmp_path, table), 4, seed=0)
    by_name = {each.name: each for each in drawn}
    assert set(by_name) == {"0", "1", "2", "4"}
    assert shows(by_name["1"], 4)
    assert by_name["1"].text == "what 1"
    assert by_name["2"].text == 'line\nbreak\t"quoted"'


def test_options_are_part_of_the_question(tmp_path: Path) -> None:
    table = [rows(1)[0] | {"A": "red", "B": "blue", "C": "", "category": "colour"}]
    (only,) = draw_questions(benchmark(tmp_path, table), 1, seed=0)
    assert only.text == "what 0\nA. red\nB. blue"


def test_images_by_their_paths(tmp_path: Path) -> None:
    """Absolute, beside the table, and where VLMEvalKit keeps images."""
    write_images(tmp_path, ["a.png", "sub/b.png", "images/VizWiz/c.png"])
    places = [str(tmp_path / "a.png"), "sub/b.png", "c.png"]
    table = [
        {"index": f"i{k}", "image_path": path, "question": f"what {k}"}
        for k, path in enumerate(places)
    ]
    drawn = draw_questions(benchmark(tmp_path, table), 3, seed=1)
    assert {each.name for each in drawn} == {"i0", "i1", "i2"}
    assert all(shows(each, int(each.name[1])) for each in drawn)


def test_a_list_of_one_image_is_an_image(tmp_path: Path) -> None:
    table = [rows(1)[0] | {"image": str([cell(7)])}]
    (only,) = draw_questions(benchmark(tmp_path, table), 1, seed=0)
    assert shows(only, 7)


BROKEN: dict[str, tuple[Callable[[Rows], object], str]] = {
    "several images": (
        lambda table: table[1].update(image=str([cell(1), cell(2)])),
        "question 1 shows 2 images",
    ),
    "a reference to nothing": (lambda t: t[1].update(image="99"), "shows the image of row 99"),
    "a reference to itself": (lambda t: t[1].update(image="1"), "shows the image of row 1, which"),
    "an index twice": (lambda table: table[1].update(index=0), "index 0 appears twice"),
    "no base64": (lambda table: table[1].update(image="?" * 80), "image of question 1 cannot"),
    "no image": (lambda table: table[1].update(image="A" * 80), "image of question 1 cannot"),
    "half an image": (
        lambda table: table[1].update(image=cell(1)[:100]),
        "image of question 1 cannot be read",
    ),
    "an empty question": (lambda table: table[1].update(question=" "), "question 1 is empty"),
    "too few": (lambda table: table.pop(), "found 1 questions; expected at least"),
    "too few with images": (
        lambda table: table[1].update(image=""),
        "has 1 questions about images; expected at least 2",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_benchmark_is_refused(name: str, tmp_path: Path) -> None:
    damage, message = BROKEN[name]
    damage(table := rows(2))
    with pytest.raises(FrismError, match=message) as caught:
        draw_questions(benchmark(tmp_path, table), 2, seed=0)
    assert "VizWiz.tsv" in str(caught.value)


def test_a_reference_to_a_reference_is_refused(tmp_path: Path) -> None:
    table = rows(3)
    table[1]["image"], table[2]["image"] = "2", "0"
    with pytest.raises(DataError, match="question 1 shows the image of row 2, which has none"):
        draw_questions(benchmark(tmp_path, table), 3, seed=0)


def test_images_of_a_folder_are_asked_in_turn(tmp_path: Path) -> None:
    names = ["a.png", "b/c.PNG", "d.webp", "e.bmp", "f.tiff"]
    folder = write_images(tmp_path / "images", names)
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.png").write_bytes(b"no image")
    source = Calibration(images=str(folder), template=("What is this?", "Read it."))
    drawn = draw_questions(source, 5, seed=2)
    assert [each.name for each in drawn] == [
        names[k] for k in np.random.default_rng(2).permutation(5)
    ]
    assert [each.text for each in drawn] == ["What is this?", "Read it."] * 2 + ["What is this?"]
    assert all(shows(each, names.index(each.name)) for each in drawn)
    (one,) = draw_questions(Calibration(images=str(folder)), 1, seed=0)
    assert one.text == "Describe the image."


def test_images_are_rgb_and_not_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a camera held upright
    (tmp_path / "turned.png").write_bytes(encoded(3, exif=exif))
    (tmp_path / "grey.png").write_bytes(b"")
    Image.fromarray(pixels(1)).convert("LA").save(tmp_path / "grey.png")
    turned, grey = sorted(
        draw_questions(Calibration(images=str(tmp_path)), 2, 0), key=lambda q: q.name, reverse=True
    )
    assert shows(turned, 3)
    assert grey.image is not None
    assert (grey.image.mode, grey.image.size) == ("RGB", (9, 6))


def test_an_unreadable_image_is_named(tmp_path: Path) -> None:
    write_images(tmp_path, ["a.png", "b.png"])
    (tmp_path / "b.png").write_bytes(encoded(0)[:60])
    with pytest.raises(DataError, match=r"the image of question b\.png cannot be read"):
        draw_questions(Calibration(images=str(tmp_path)), 2, seed=0)


def test_a_missing_benchmark_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    folder = tmp_path / "my files"
    command = f"run: frism prefetch --benchmarks VizWiz --data '{folder}', or"
    with pytest.raises(ConfigError, match=re.escape(command)):
        draw_questions(Calibration(benchmark="VizWiz", folder=str(folder)), 1, seed=0)
    with pytest.raises(ConfigError, match="--benchmarks Own --data results/benchmarks, or"):
        draw_questions(Calibration(benchmark="Own"), 1, seed=0)


def test_fewer_than_wanted_are_enough_where_the_least_is_there(tmp_path: Path) -> None:
    source = Calibration(images=str(write_images(tmp_path, ["a.png", "b.png", "c.png"])))
    assert len(draw_questions(source, 10, seed=0, least=3)) == 3
    with pytest.raises(ConfigError, match="found count 0; expected at least 1"):
        draw_questions(source, 0, seed=0)
    with pytest.raises(
        ConfigError, match=r"images: found 3 images in .*; expected at least"
    ) as few:
        draw_questions(source, 10, seed=0, least=4)
    assert "lower distillation.images (--count of frism calibration) or add" in str(few.value)


def test_the_source_itself_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^calibration: found none of them; expected one of"):
        draw_questions(Calibration(), 1, seed=0)


def test_the_step_writes_what_gates_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = rows(4)
    table[2]["question"] = 'two\r\nlines\t"NA"'
    source, output = benchmark(tmp_path, table), tmp_path / "out"
    words = ["calibration", "--benchmark", "VizWiz", "--folder", str(tmp_path), "--count", "3"]
    assert main([*words, "--seed", "1", "--output", str(output)]) == 0
    assert "3 calibration questions of " in capsys.readouterr().out
    drawn = draw_questions(source, 3, seed=1)
    written = read_questions(output / "calibration.tsv", 3)
    assert [(q.encoded, q.text) for q in written] == [(q.encoded, q.text) for q in drawn]
    record = json.loads((output / "source.json").read_text())
    assert record["questions"] == [each.name for each in drawn]
    assert record["content"] == content_hash(written) == content_hash(drawn)
    assert record["source"] == {"benchmark": "VizWiz", "folder": str(tmp_path)}
    assert "secret" not in (output / "calibration.tsv").read_text()
    assert main([*words, "--template", "x", "--output", str(output)]) != 0
    assert "template: found" in capsys.readouterr().err
    assert list(pd.read_csv(output / "calibration.tsv", sep="\t")) == ["index", "image", "question"]


def test_the_hash_tells_what_is_shown() -> None:
    one, other = Question(encoded(0), "a", "x"), Question(encoded(1), "b")
    assert content_hash([one, other]) == content_hash([Question(encoded(0), "a", "y"), other])
    changed = ([other, one], [one], [one, Question(encoded(1), "c")], [one, Question(None, "b")])
    assert len({content_hash(each) for each in ([one, other], *changed)}) == 5
