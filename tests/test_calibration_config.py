"""What a pair's `calibration` may be, and where the workflow puts what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frism.cli.flags import to_flags
from frism.config.calibration import Calibration
from frism.config.layout import Layout
from frism.config.load import Setup, load
from frism.errors import ConfigError
from tests.calibration_inputs import rows, write_images, write_tsv
from tests.test_config_checkpoints import CONFIG, folder
from tests.workspace import write_yaml

__all__ = ["folder"]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLACE = "results/embedded/given/seed-0/calibration"


def loaded(
    folder: Path, calibration: Any, config: dict[str, Any] | None = None, **pair: str | None
) -> Setup:
    """Loads the configuration with this calibration in the pair's file."""
    paths = {key: str(folder / key) for key in ("base", "vlm", "lrm", "data")} | pair
    given = {key: path for key, path in paths.items() if path} | {"calibration": calibration}
    write_yaml(folder / "pairs" / "given.yaml", given)
    write_yaml(folder / "config.yaml", CONFIG | (config or {}))
    return load(folder / "config.yaml")


def source_of(setup: Setup) -> Calibration:
    return Layout(setup).drawn["given"]


def test_a_folder_is_read_in_place(folder: Path) -> None:
    run = Layout(loaded(folder, str(folder / "data")))
    assert run.calibration("given") == [str(folder / "data")]
    assert run.drawn == {}


def test_a_benchmark_is_fetched_into_the_folder_of_benchmark_files(folder: Path) -> None:
    files = {"prefetch": {"data": "files"}}
    write_tsv(folder / "data" / "VizWiz.tsv", rows(2))
    for pair in ({}, {"data": None}):
        run = Layout(loaded(folder, {"benchmark": "VizWiz"}, files, **pair))
        assert (run.calibration("given"), run.calibrated) == ([PLACE], ["given"])
        source = run.drawn["given"]
        assert source.place == Path("files/VizWiz.tsv")
        assert to_flags(source).startswith("--benchmark VizWiz --folder files --split")
        assert run.fetched == {"given": "files/VizWiz.md5"}
    same = Layout(loaded(folder, {"benchmark": "VizWiz", "folder": "files/"}, files))
    assert same.fetched == {"given": "files/VizWiz.md5"}


def test_a_benchmark_in_another_folder_is_never_fetched(folder: Path) -> None:
    own = {"benchmark": "VizWiz", "folder": str(folder / "data")}
    write_tsv(folder / "data" / "VizWiz.tsv", rows(2))
    run = Layout(loaded(folder, own))
    assert run.drawn["given"].place == folder / "data" / "VizWiz.tsv"
    assert run.fetched == {}


def test_a_benchmark_that_is_there_is_looked_at(folder: Path) -> None:
    files = {"prefetch": {"data": str(folder / "files")}}
    write_tsv(folder / "files" / "VizWiz.tsv", rows(1))
    with pytest.raises(ConfigError, match="found 1 questions; expected at least"):
        loaded(folder, {"benchmark": "VizWiz"}, files)


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("POPE", "POPE"),
        ("MathVision_MINI", "MathVision"),
        ("MathVerse_MINI_Vision_Only", "MathVerse_MINI"),
        ("MMBench", "MMBench_DEV_EN"),
    ],
)
def test_what_the_suite_reports_is_not_calibrated_on(
    name: str, reported: str, folder: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, {"benchmark": name}, data=None)
    message = f'calibration.benchmark: found "{name}", but the suite paper reports {reported}; '
    (line,) = str(caught.value).splitlines()
    assert line.endswith(f"{message}calibrate on another, such as VizWiz")
    # a pair with questions of its own is not evaluated on the suite, without a suite none is
    assert source_of(loaded(folder, {"benchmark": name})).benchmark == name
    assert source_of(loaded(folder, {"benchmark": name}, {"suite": None}, data=None))


@pytest.mark.parametrize("name", ["VizWiz", "MMMU_TEST", "MathVision_TRAIN", "POPEX"])
def test_other_questions_may_be_calibrated_on(name: str, folder: Path) -> None:
    assert source_of(loaded(folder, {"benchmark": name}, data=None)).benchmark == name


def test_a_broken_suite_has_one_message(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, {"benchmark": "VizWiz"}, {"suite": "papr"}, data=None)
    (line,) = str(caught.value).splitlines()
    assert "suite: unknown suite 'papr'" in line


def test_datasets_and_images(folder: Path) -> None:
    images = str(write_images(folder / "images", ["a.png", "b.jpg"]))
    source = source_of(loaded(folder, {"images": images, "template": "What is it?"}))
    assert source.template == ("What is it?",)
    source = source_of(loaded(folder, {"images": images, "template": ["a", "b"]}))
    assert to_flags(source).endswith("--template a b")
    hub = source_of(loaded(folder, {"dataset": f"datasets:o/n@{COMMIT}", "split": "val"}))
    assert (hub.hub, hub.place, hub.split) == (f"o/n@{COMMIT}", None, "val")
    disk = source_of(loaded(folder, {"dataset": images, "template": "x"}))
    assert (disk.hub, disk.place) == (None, Path(images))


WRONG: dict[str, tuple[Any, str]] = {
    "no source": ({}, "calibration: found none of them; expected one of: benchmark, dataset"),
    "two sources": (
        {"benchmark": "V", "images": "x"},
        "calibration: found benchmark and images; expected one of",
    ),
    "an unknown key": (
        {"benchmark": "VizWiz", "folde": "x"},
        "calibration.folde: unknown key 'folde'; allowed: benchmark, folder",
    ),
    "a number": (3, "calibration: found 3; allowed: text or the keys benchmark, folder"),
    "a number in it": ({"benchmark": 3}, "calibration.benchmark: found 3; allowed: a name of"),
    "a key of another source": (
        {"images": "pictures", "split": "test"},
        'calibration.split: found "test"; allowed beside dataset, not beside images',
    ),
    "a path as benchmark": ({"benchmark": "a/b"}, 'calibration.benchmark: found "a/b"; allowed'),
    "a missing benchmark": (
        {"benchmark": "VizWiz", "folder": "data"},
        "data/VizWiz.tsv does not exist; run: frism prefetch --benchmarks VizWiz --data data, or",
    ),
    "a reported benchmark": (
        {"benchmark": "B_TEST"},
        'calibration.benchmark: found "B_TEST", which benchmarks.perception reports; calibrate on',
    ),
    "a benchmark without questions": (
        {"benchmark": "odd", "folder": "data"},
        'odd.tsv: found the columns "index, image"; expected question too',
    ),
    "too few questions": (
        {"benchmark": "few", "folder": "data"},
        "few.tsv: found 1 questions; expected at least distillation.images, 2",
    ),
    "no folder of images": ({"images": "nowhere"}, 'calibration.images: found "nowhere"; expected'),
    "no images": ({"images": "data"}, "found 0 images in data; expected at least distillation.im"),
    "an empty template": (
        {"images": "data", "template": ["a", ""]},
        'calibration.template[1]: found ""; allowed: text',
    ),
    "no dataset": ({"dataset": "o/n"}, 'found "o/n", which does not exist; expected a folder'),
    "a dataset without its commit": (
        {"dataset": "datasets:o/n"},
        'found "datasets:o/n"; expected a commit of 40 hexadecimal digits',
    ),
    "a branch": ({"dataset": "datasets:o/n@main"}, "expected a commit of 40 hexadecimal digits"),
    "no id": ({"dataset": f"datasets:o/n/m@{COMMIT}"}, "expected owner/name@revision"),
    "a stream on disk": (
        {"dataset": "data", "streaming": True},
        'found "data" on disk; streaming is for datasets of the hub',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_source_has_one_message(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibration, message = WRONG[name]
    monkeypatch.chdir(folder)
    write_images(folder / "pictures", ["a.png", "b.png"])
    write_tsv(folder / "data" / "odd.tsv", [{"index": 0, "image": "a"}])
    write_tsv(folder / "data" / "few.tsv", rows(1))
    (folder / "data" / "B_TEST.tsv").write_text("index\timage\tquestion\tanswer\n0\ta\tb\tc\n" * 3)
    with pytest.raises(ConfigError) as caught:
        loaded(folder, calibration)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{folder / 'pairs' / 'given.yaml'}: calibration")
    assert message in line


def test_a_benchmark_of_another_name_may_be_reported(folder: Path) -> None:
    assert source_of(loaded(folder, {"benchmark": "B_TRAIN"})).benchmark == "B_TRAIN"
