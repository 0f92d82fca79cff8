"""What a pair's `calibration` may be, and where the workflow puts what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frism.cli.flags import to_flags
from frism.config.calibration import FOLDER, Calibration
from frism.config.layout import Layout
from frism.config.load import Setup, load
from frism.errors import ConfigError
from tests.calibration_inputs import rows, write_images, write_tsv
from tests.test_config_checkpoints import CONFIG, folder
from tests.workspace import write_yaml

__all__ = ["folder"]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLACE = "results/embedded/given/seed-0/calibration"


def loaded(folder: Path, calibration: Any, **pair: str | None) -> Setup:
    """Loads the configuration with this calibration in the pair's file."""
    paths = {key: str(folder / key) for key in ("base", "vlm", "lrm", "data")} | pair
    given = {key: path for key, path in paths.items() if path} | {"calibration": calibration}
    write_yaml(folder / "pairs" / "given.yaml", given)
    write_yaml(folder / "config.yaml", CONFIG)
    return load(folder / "config.yaml")


def source_of(setup: Setup) -> Calibration:
    return Layout(setup).drawn["given"]


def test_a_folder_is_read_in_place(folder: Path) -> None:
    run = Layout(loaded(folder, str(folder / "data")))
    assert run.calibration("given") == [str(folder / "data")]
    assert run.drawn == {}


def test_a_benchmark_lies_in_the_pairs_data_or_where_it_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tsv(folder / "data" / "VizWiz.tsv", rows(2))
    setup = loaded(folder, {"benchmark": "VizWiz"})
    run = Layout(setup)
    assert (run.calibration("given"), run.calibrated) == ([PLACE], ["given"])
    source = source_of(setup)
    assert source.place == folder / "data" / "VizWiz.tsv"
    assert to_flags(source).startswith(f"--benchmark VizWiz --folder {folder / 'data'} --split")
    write_tsv(tmp_path / "lmu" / "VizWiz.tsv", rows(2))
    named = loaded(folder, {"benchmark": "VizWiz", "folder": str(tmp_path / "lmu")})
    assert source_of(named).place == tmp_path / "lmu" / "VizWiz.tsv"
    monkeypatch.setenv(FOLDER, str(tmp_path / "lmu"))
    usual = loaded(folder, {"benchmark": "VizWiz"}, data=None)
    assert source_of(usual).place == tmp_path / "lmu" / "VizWiz.tsv"


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
    "a missing benchmark": ({"benchmark": "VizWiz"}, "VizWiz.tsv does not exist; put VLMEvalKit's"),
    "a reported benchmark": (
        {"benchmark": "B_TEST"},
        'calibration.benchmark: found "B_TEST", which benchmarks.perception reports; calibrate on',
    ),
    "a benchmark without questions": (
        {"benchmark": "odd"},
        'odd.tsv: found the columns "index, image"; expected question too',
    ),
    "too few questions": (
        {"benchmark": "few"},
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
    write_tsv(folder / "data" / "B_TRAIN.tsv", rows(2))
    assert source_of(loaded(folder, {"benchmark": "B_TRAIN"})).benchmark == "B_TRAIN"
