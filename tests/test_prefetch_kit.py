"""Files by VLMEvalKit's own table, and large files as VLMEvalKit localizes them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from vlmeval.dataset import DATASET_CLASSES
from vlmeval.tools import LOCALIZE

from frism.cli.main import main
from frism.config.suites import load_suite
from frism.evaluation import kit, local_files
from frism.evaluation.catalogue import find_source
from frism.evaluation.local_files import is_localized
from frism.prefetch.localize import localize
from frism.prefetch.run import prefetch
from tests.file_server import FileServer
from tests.pico_questions import encoded_image


@pytest.mark.parametrize("name", [*load_suite("paper").names, "VizWiz"])
def test_every_benchmark_of_the_paper_has_an_address_and_an_md5(name: str) -> None:
    source = find_source(name)
    assert source is not None
    assert source.url.startswith("https://")
    assert source.url.endswith(".tsv")
    assert source.md5 is not None
    assert len(source.md5) == 32
    # the address that VLMEvalKit's own class would download from
    kind = next(each for each in DATASET_CLASSES if name in each.supported_datasets())
    assert (kind.DATASET_URL[name], kind.DATASET_MD5[name]) == (source.url, source.md5)


def test_the_command_fetches_a_suite_from_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = b"index\timage\tquestion\tanswer\n"
    kind = next(each for each in DATASET_CLASSES if "MathVerse_MINI" in each.supported_datasets())
    monkeypatch.setitem(kind.DATASET_MD5, "MathVerse_MINI", hashlib.md5(content).hexdigest())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    suite = tmp_path / "one.yaml"
    suite.write_text("reasoning: {judge: rule, benchmarks: [MathVerse_MINI]}")
    words = ["prefetch", "--suite", str(suite), "--data", str(tmp_path / "data"), "--mirror"]
    with FileServer({"/utils/benchmarks/MathVerse/MathVerse_MINIV.tsv": content}) as server:
        assert main([*words, server.url]) == 0
        assert main([*words, server.url, "--benchmarks", "POPE"]) == 2
    assert (tmp_path / "data" / "MathVerse_MINI.tsv").read_bytes() == content
    said = capsys.readouterr()
    assert f"1 benchmarks are in {tmp_path / 'data'}" in said.out
    assert "/utils/VLMEval/POPE.tsv is not there (HTTP 404)" in said.err
    assert main(["prefetch"]) == 2
    assert "neither --suite nor --benchmarks" in capsys.readouterr().err


def test_an_unknown_benchmark_is_told_unless_its_file_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["prefetch", "--data", str(tmp_path), "--benchmarks", "MathVista_MINY"]
    assert main(words) == 2
    assert "no address of MathVista_MINY.tsv; did you mean MathVista_MINI?" in (
        capsys.readouterr().err
    )
    (tmp_path / "MathVista_MINY.tsv").write_text("mine")
    assert main(words) == 0


def large_table(folder: Path) -> Path:
    """One image, two images, a reference to another row."""
    cells = [encoded_image(3, seed=k) for k in range(4)]
    rows = {
        "index": [1, 2, 3, 4],
        "image": [cells[0], str(cells[1:3]), "1", cells[3]],
        "question": ["a", 'b "quoted"\tand\nbroken', "c", "d"],
        "answer": ["x", "y", "z", "9.50"],
    }
    path = folder / "Own.tsv"
    pd.DataFrame(rows).to_csv(path, sep="\t", index=False)
    return path


def test_a_localized_table_is_the_one_of_vlmevalkit(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
        large_table(folder)
    localize(ours / "Own.tsv")
    with kit.settings(theirs):
        LOCALIZE(str(theirs / "Own.tsv"), str(theirs / "Own_local.tsv"))
    found, expected = (
        pd.read_csv(folder / "Own_local.tsv", sep="\t", dtype=str) for folder in (ours, theirs)
    )
    expected["image_path"] = [
        text.replace(str(theirs), str(ours)) for text in expected["image_path"]
    ]
    pd.testing.assert_frame_equal(found, expected[found.columns])
    images = sorted(path.relative_to(ours) for path in (ours / "images").rglob("*.jpg"))
    assert [path.name for path in images] == ["1.jpg", "2_0.jpg", "2_1.jpg", "4.jpg"]
    for image in images:
        mine, other = (np.asarray(Image.open(folder / image)) for folder in (ours, theirs))
        np.testing.assert_array_equal(mine, other)


def test_a_large_file_is_localized_once_and_again_where_it_was_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_files, "LARGE", 100)
    (tmp_path / "a").mkdir()
    path = large_table(tmp_path / "a")
    assert not is_localized(path)
    prefetch(["Own"], path.parent)
    assert is_localized(path)
    before = local_files.local_file(path).stat().st_mtime_ns
    prefetch(["Own"], path.parent)
    assert local_files.local_file(path).stat().st_mtime_ns == before
    moved = path.parent.rename(tmp_path / "b") / "Own.tsv"
    assert not is_localized(moved)
    prefetch(["Own"], moved.parent)
    assert is_localized(moved)


def test_a_broken_image_is_left_out(tmp_path: Path) -> None:
    path = large_table(tmp_path)
    table = pd.read_csv(path, sep="\t", dtype=str)
    table.loc[3, "image"] = "A" * 400
    table.to_csv(path, sep="\t", index=False)
    localize(path)
    found = pd.read_csv(tmp_path / "Own_local.tsv", sep="\t", dtype=str)
    assert [Path(text).is_file() for text in found["image_path"]] == [True, False, True, False]
    assert found["image_path"][1] == str(
        [str(tmp_path / "images" / "Own" / f"2_{k}.jpg") for k in range(2)]
    )
