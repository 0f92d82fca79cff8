"""An image that cannot be shown, or that the model's processor refuses, costs its own row alone."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from frism.errors import QuestionError
from frism.evaluation.batching import Lengths, alone_if_refused
from frism.evaluation.chat import Chat, Shown
from tests.engines import make_engine
from tests.eval_runs import COUNT, EvalRuns, content, table
from tests.pico_questions import save

# the processor takes no image that is 200 times as wide as high; one side of the second is rounded
REFUSED, TAKEN = (600, 2), (1153, 6)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> EvalRuns:
    return EvalRuns.make(tmp_path_factory.mktemp("runs"))


def image(size: tuple[int, int]) -> str:
    buffer = io.BytesIO()
    Image.new("L", size, 90).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def altered(runs: EvalRuns, folder: Path, name: str, images: dict[int, str]) -> Path:
    """Copies the benchmarks and changes the images of some rows of one."""
    data = Path(shutil.copytree(runs.folder / "data", folder / "data"))
    rows = table(runs, name)
    for row, cell in images.items():
        rows.loc[row, "image"] = cell
    save(rows, data, name)
    return data


def marked(place: Path, name: str) -> dict[int, str]:
    return {mark["index"]: mark["problem"] for mark in content(place, name)["broken"]}


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_what_the_processor_refuses_is_a_marked_row(
    runs: EvalRuns, tmp_path: Path, workers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    images = {2: image(REFUSED), 4: image(TAKEN), 7: image(REFUSED)}
    data = altered(runs, tmp_path, "FrismSeen", images)
    assert runs.run(tmp_path, "--data", str(data), "--workers", workers) == 0
    found = marked(tmp_path, "FrismSeen")
    assert sorted(found) == [2, 7]
    assert "aspect ratio must be smaller than 200" in found[2]
    hits = {q["index"]: q["hit"] for q in content(tmp_path, "FrismSeen")["questions"]}
    assert (len(hits), hits[2], hits[7]) == (COUNT, 0, 0)
    assert "FrismSeen, question 7 is marked: the model's processor" in capsys.readouterr().out
    # the others are answered as in a run without such an image
    assert runs.run(tmp_path / "whole") == 0
    whole = {q["index"]: q["hit"] for q in content(tmp_path / "whole", "FrismSeen")["questions"]}
    assert [hits[k] for k in hits if k not in images] == [whole[k] for k in hits if k not in images]


@pytest.mark.parametrize("name", ["FrismSeen", "FrismPicoMCQ"])
def test_cells_that_vlmevalkit_ends_on_are_marked_rows(
    runs: EvalRuns, tmp_path: Path, name: str
) -> None:
    images = {1: "", 3: f"[{'no list' * 12}]", 6: "1"}
    data = altered(runs, tmp_path, name, images)
    assert runs.run(tmp_path, "--data", str(data)) == 0
    found = marked(tmp_path, name)
    assert (found[1], sorted(found)) == ("no image", [1, 3, 6])
    assert content(tmp_path, name)["count"] == COUNT
    hits = {q["index"]: q["hit"] for q in content(tmp_path, name)["questions"]}
    assert [hits[k] for k in images] == [0, 0, 0]


def test_rows_without_an_image_are_no_questions_of_a_real_benchmark(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(runs.folder / "data", tmp_path / "data")
    rows = table(runs, "FrismPicoMCQ")[:3]
    rows.loc[1, "image"] = ""
    save(rows, tmp_path / "data", "MMStar")
    suite = tmp_path / "suite.yaml"
    suite.write_text("reasoning: {judge: rule, benchmarks: [MMStar]}")
    words = ["--suite", str(suite), "--data", str(tmp_path / "data"), "--unverified"]
    assert runs.run(tmp_path, *words) == 0
    assert "3 questions, 0 done, 1 without an image, which VLMEvalKit" in capsys.readouterr().out
    found = content(tmp_path, "MMStar")
    assert (found["count"], found["broken"], len(found["questions"])) == (2, [], 2)
    save(rows.assign(image=""), tmp_path / "data", "MMStar")
    assert runs.run(tmp_path / "none", *words) == 2
    assert "MMStar.tsv: found an image in no row" in capsys.readouterr().err


def test_no_question_at_all_is_an_error(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = altered(runs, tmp_path, "FrismSeen", dict.fromkeys(range(COUNT), image(REFUSED)))
    assert runs.run(tmp_path, "--data", str(data)) == 2
    assert "no question can be asked; the first, " in capsys.readouterr().err


def test_lengths_are_estimated_where_the_processor_refuses(runs: EvalRuns) -> None:
    lengths = Lengths(Chat(runs.folder / "vlm"))
    text, tall = Shown("read", (), ()), Shown("read", ("tall.png",), ((28, 28 * 400),))
    without, shown = lengths([text, tall])
    # one side is rounded up to 11264
    assert shown - without == 1 + 28 * 11264 // 28**2


def test_one_question_at_a_time_has_an_error_of_its_own(runs: EvalRuns, tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("L", REFUSED).save(path)
    message = [{"type": "image", "value": str(path)}, {"type": "text", "value": "read"}]
    with pytest.raises(QuestionError, match=r"refuses .*wide\.png \(ValueError: absolute aspect"):
        make_engine(runs.folder / "vlm", 4, 8).answer([message])


@pytest.mark.parametrize("refused", [set(), {0}, {3, 4}, set(range(9))])
def test_only_those_that_are_refused_are_alone(refused: set[int]) -> None:

    def ask(batch: Sequence[int]) -> list[int]:
        if bad := refused & set(batch):
            raise QuestionError(f"{bad}")
        return list(batch)

    parts = list(alone_if_refused(list(range(9)), ask))
    assert [k for part, _ in parts for k in part] == list(range(9))
    for part, found in parts:
        assert found == part if not refused & set(part) else isinstance(found, QuestionError)
        assert len(part) == 1 or not refused & set(part)
