"""Calibration questions from datasets of the library `datasets`, on disk and on a hub."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from datasets import Dataset, DatasetDict, Features, Image, List, Value
from PIL import Image as Pillow

from frism.config.calibration import Calibration
from frism.distillation.questions import Question, read_questions
from frism.distillation.sources import dataset
from frism.distillation.sources.drawing import draw_questions
from frism.errors import DataError
from tests.calibration_inputs import encoded, pixels, write_images
from tests.dataset_hub import DatasetHub
from tests.hub_runs import HubRuns

COUNT = 8


def made(count: int = COUNT, image: str = "image", question: str = "question") -> Dataset:
    """Returns a dataset whose row k shows pixels(k), asks `what k` and has a label."""
    kinds = {image: Image(), question: Value("string"), "label": Value("string")}
    table = {
        image: [{"bytes": encoded(k), "path": None} for k in range(count)],
        question: [f"what {k}" for k in range(count)],
        "label": [f"secret {k}" for k in range(count)],
    }
    return Dataset.from_dict(table, features=Features(kinds))


def on_disk(kind: str, folder: Path) -> Calibration:
    """Writes the dataset in one of the forms that are read."""
    rows, place = made(), folder / "rows"
    if kind == "saved":
        rows.save_to_disk(place)
    elif kind == "saved with splits":
        DatasetDict({"dev": rows, "train": made(2)}).save_to_disk(place)
        return Calibration(dataset=str(place), split="dev")
    elif kind == "file":
        rows.to_parquet(place := folder / "rows.parquet")
    elif kind == "arrow":
        rows.save_to_disk(folder / "saved")
        (found,) = (folder / "saved").glob("*.arrow")
        place = found
    else:
        rows.to_parquet(place / "data" / "train-00000-of-00001.parquet")
    return Calibration(dataset=str(place))


def expected(positions: np.ndarray) -> list[tuple[str, str, bytes]]:
    return [(str(k), f"what {k}", encoded(int(k))) for k in positions]


def told(questions: list[Question]) -> list[tuple[str, str, bytes | None]]:
    return [(each.name, each.text, each.encoded) for each in questions]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.mark.parametrize("kind", ["saved", "saved with splits", "file", "arrow", "folder"])
def test_a_dataset_on_disk_is_drawn_by_its_seed(kind: str, tmp_path: Path) -> None:
    drawn = draw_questions(on_disk(kind, tmp_path), 5, seed=3)
    assert told(drawn) == expected(np.random.default_rng(3).permutation(COUNT)[:5])


def test_a_folder_of_images_is_asked_a_template(tmp_path: Path) -> None:
    write_images(tmp_path / "images", [f"{k}.png" for k in range(3)])
    source = Calibration(dataset=str(tmp_path / "images"), template=("One?", "Two?"))
    drawn = draw_questions(source, 3, seed=0)
    assert [each.text for each in drawn] == ["One?", "Two?", "One?"]
    assert {each.encoded for each in drawn} == {encoded(k) for k in range(3)}


def test_columns_are_named(tmp_path: Path) -> None:
    made(2, image="picture", question="asked").save_to_disk(tmp_path / "rows")
    source = Calibration(dataset=str(tmp_path / "rows"), image="picture", question="asked")
    assert {each.text for each in draw_questions(source, 2, seed=0)} == {"what 0", "what 1"}
    with pytest.raises(DataError, match=r"lacks the column 'image'.*'picture', 'asked', 'label'"):
        draw_questions(source.model_copy(update={"image": "image"}), 2, seed=0)
    with pytest.raises(DataError, match=r"lacks the column 'question'.*or ask a template"):
        draw_questions(source.model_copy(update={"question": "question"}), 2, seed=0)


def test_bytes_are_images_and_images_are_not_turned(tmp_path: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    table = {"image": [encoded(4, exif=exif)], "question": ["a"]}
    Dataset.from_dict(table).save_to_disk(tmp_path / "rows")
    (only,) = draw_questions(Calibration(dataset=str(tmp_path / "rows")), 1, seed=0)
    assert np.array_equal(np.asarray(only.image), pixels(4))


@pytest.mark.parametrize("place", ["rows.parquet", "rows/train.parquet"])
def test_a_table_may_hold_what_the_library_stores_of_images(place: str, tmp_path: Path) -> None:
    """A struct of bytes and path, as other tools write it, without the library's own notes."""
    (tmp_path / place).parent.mkdir(exist_ok=True)
    images = [{"bytes": encoded(k), "path": None} for k in range(COUNT)]
    table = {"image": images, "question": [f"what {k}" for k in range(COUNT)]}
    pd.DataFrame(table).to_parquet(tmp_path / place)
    source = Calibration(dataset=str((tmp_path / place.partition("/")[0]).absolute()))
    drawn = draw_questions(source, 5, seed=3)
    assert told(drawn) == expected(np.random.default_rng(3).permutation(COUNT)[:5])


REFUSED: dict[str, tuple[dict[str, list[Any]], Any, str]] = {
    "words for images": ({"image": ["a.png"]}, Value("string"), r"holds no images \(Value\)"),
    "several images": (
        {"image": [[{"bytes": encoded(0), "path": None}]]},
        List(Image()),
        "holds several images in a row",
    ),
    "a row without an image": ({"image": [None]}, Image(), "row 0 has no image"),
    "a broken image": (
        {"image": [{"bytes": b"nothing", "path": None}]},
        Image(),
        "the image of question 0 cannot be read",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_rows_that_show_no_image_are_refused(name: str, tmp_path: Path) -> None:
    table, kind, message = REFUSED[name]
    features = Features({"image": kind, "question": Value("string")})
    Dataset.from_dict(table | {"question": ["a"]}, features=features).save_to_disk(tmp_path / "d")
    with pytest.raises(DataError, match=message):
        draw_questions(Calibration(dataset=str(tmp_path / "d")), 1, seed=0)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("saved with splits", {"split": "test"}, r"found the splits \['dev', 'train'\]; expected"),
        ("folder", {"split": "test"}, 'Unknown split "test"'),
        ("folder", {"subset": "x"}, "BuilderConfig 'x' not found"),
    ],
)
def test_what_is_not_there_is_named(
    kind: str, change: dict[str, str], message: str, tmp_path: Path
) -> None:
    source = on_disk(kind, tmp_path).model_copy(update=change)
    with pytest.raises(DataError, match=message):
        draw_questions(source, 1, seed=0)


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("image,question\n")
    (tmp_path / "rows.parquet").write_text("no parquet")
    for name, message in (
        ("rows.csv", r"found a file '\.csv'"),
        ("rows.parquet", "cannot be read"),
    ):
        with pytest.raises(DataError, match=message):
            draw_questions(Calibration(dataset=str(tmp_path / name)), 1, seed=0)
    with pytest.raises(DataError, match="has 8 questions about images; expected at least 9"):
        draw_questions(on_disk("saved", tmp_path), 9, seed=0)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubRuns]:
    with DatasetHub(tmp_path) as server:
        yield HubRuns(server, tmp_path)


def run(hub: HubRuns, output: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Draws from the dataset of the hub in a process of its own."""
    command = [sys.executable, "-m", "frism", "calibration", "--count", "5", "--seed", "3"]
    command += ["--output", str(hub.folder / output), *words]
    environment = hub.environment(no_proxy="127.0.0.1,localhost", **more)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_dataset_of_the_hub(hub: HubRuns, tmp_path: Path) -> None:
    assert isinstance(hub.server, DatasetHub)
    made().to_parquet(tmp_path / "repo" / "data" / "train-00000-of-00001.parquet")
    commit = hub.server.add_dataset("owner/rows", tmp_path / "repo")
    words = ["--dataset", f"datasets:owner/rows@{commit}"]
    whole = run(hub, "whole", *words)
    assert whole.returncode == 0, whole.stderr
    drawn = told(read_questions(tmp_path / "whole" / "calibration.tsv", 5))
    wanted = expected(np.random.default_rng(3).permutation(COUNT)[:5])
    assert [each[1:] for each in drawn] == [each[1:] for each in wanted]
    # without the hub the rows come from the cache, or one message says what is missing
    hub.server.asked.clear()
    cached = run(hub, "cached", *words, HF_HUB_OFFLINE="1")
    assert cached.returncode == 0, cached.stderr
    same = [tmp_path / name / "calibration.tsv" for name in ("whole", "cached")]
    assert same[0].read_bytes() == same[1].read_bytes()
    other = f"datasets:owner/other@{commit}"
    failed = run(hub, "other", "--dataset", other, HF_HUB_OFFLINE="1")
    assert failed.returncode != 0
    assert f"dataset {other} cannot be read: " in failed.stderr
    assert "Traceback" not in failed.stderr
    assert hub.server.asked == []
    assert (
        sorted(path.name for path in tmp_path.glob("*/calibration.tsv")) == ["calibration.tsv"] * 2
    )


@pytest.mark.slow
def test_a_stream_of_the_hub(hub: HubRuns, tmp_path: Path) -> None:
    assert isinstance(hub.server, DatasetHub)
    made().to_parquet(tmp_path / "repo" / "data" / "train-00000-of-00001.parquet")
    commit = hub.server.add_dataset("owner/rows", tmp_path / "repo")
    found = run(hub, "a", "--dataset", f"datasets:owner/rows@{commit}", "--streaming")
    assert found.returncode == 0, found.stderr
    drawn = told(read_questions(tmp_path / "a" / "calibration.tsv", 5))
    numbers = [int(text.split()[1]) for _, text, _ in drawn]
    assert len(set(numbers)) == 5
    assert numbers != sorted(numbers)
    assert [image for *_, image in drawn] == [encoded(k) for k in numbers]


def test_a_stream_draws_rows_from_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller draw is the beginning of a larger one, and too few rows are refused."""
    streamed = made().to_iterable_dataset(num_shards=2)
    monkeypatch.setattr(dataset, "_loaded", lambda source: streamed)
    source = Calibration(dataset=f"datasets:o/n@{'0' * 40}", streaming=True)
    large, small = (told(draw_questions(source, count, seed=1)) for count in (6, 3))
    assert [each[1:] for each in small] == [each[1:] for each in large[:3]]
    with pytest.raises(DataError, match="has 8 questions about images; expected at least 9"):
        draw_questions(source, 9, seed=1)
