"""VLMEvalKit reads benchmark files as they lie there and fetches none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from frism.errors import DataError
from frism.evaluation import kit
from frism.evaluation.datasets import build
from frism.evaluation.judges import judge_of
from frism.evaluation.scoring import score
from frism.evaluation.scratch import scratch_directory
from tests import kit_formats_perception, kit_formats_reasoning
from tests.kit_formats import answers_of, encoded, save_rows

CASES = [*kit_formats_perception.cases(), *kit_formats_reasoning.cases()]
BY_NAME = {case.name: case for case in CASES}


@pytest.mark.parametrize("name", [*BY_NAME, "WeMath"])
def test_a_missing_file_is_named_with_the_command_that_fetches_it(
    name: str, tmp_path: Path
) -> None:
    message = rf"{name}\.tsv is missing, and evaluation downloads nothing; .*frism prefetch"
    with kit.settings(tmp_path), pytest.raises(DataError, match=message):
        build(name)
    assert list(tmp_path.iterdir()) == []


def test_no_function_of_vlmevalkit_downloads(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"reuse\.pkl is missing"):
        kit.load("https://opencompass.openxlab.space/utils/mmb_reuse.pkl")


def test_another_md5_is_taken_as_given(tmp_path: Path) -> None:
    case = BY_NAME["RealWorldQA"]
    path = save_rows(case.rows, tmp_path, case.name)
    before = path.read_bytes()
    with kit.settings(tmp_path):
        assert list(build(case.name).data["answer"]) == list(case.rows["answer"])
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["SEEDBench_IMG", "MMBench_DEV_EN", "MMMU_DEV_VAL"])
def test_files_above_one_gigabyte_are_unpacked_in_scratch(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = BY_NAME[name]
    source = save_rows(case.rows, tmp_path / "data", case.name)
    # both modules have a name of their own for it
    for module in ("image_base", "image_mcq"):
        monkeypatch.setattr(f"vlmeval.dataset.{module}.file_size", lambda *_: 2.0)
    with scratch_directory([source]) as (root, work), kit.settings(root):
        dataset = build(name)
        assert (root / f"{name}_local.tsv").is_file()
        for _, row in dataset.data.iterrows():
            images = [part for part in dataset.build_prompt(row) if part["type"] == "image"]
            assert images
            for part in images:
                assert Path(part["value"]).is_relative_to(root)
                assert Image.open(part["value"]).size == (12, 12)
        found = score(dataset, answers_of(dataset.data["index"], case.said), work, judge_of("rule"))
    assert found.score == pytest.approx(case.scores["rule"])
    assert list((tmp_path / "data").iterdir()) == [source]


def test_several_images_come_in_the_order_of_the_question(tmp_path: Path) -> None:
    case = BY_NAME["MMMU_DEV_VAL"]
    save_rows(case.rows, tmp_path, case.name)
    with kit.settings(tmp_path):
        dataset = build(case.name)
        parts: list[Any] = dataset.build_prompt(dataset.data.iloc[0])
    kinds = [part["type"] for part in parts]
    assert kinds == ["text", "image", "text", "image", "text"]
    raw = [Path(part["value"]).read_bytes() for part in parts if part["type"] == "image"]
    pictures = [Image.open(part["value"]) for part in parts if part["type"] == "image"]
    assert raw[0] != raw[1]
    assert pictures[0].tobytes() == _decoded(encoded(70)).tobytes()
    assert pictures[1].tobytes() == _decoded(encoded(71)).tobytes()


def _decoded(cell: str) -> Image.Image:
    import base64
    import io

    return Image.open(io.BytesIO(base64.b64decode(cell)))
