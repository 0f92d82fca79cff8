"""`frism eval` of pico models: scores, records, and what is asked again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from frism.checkpoints.hashing import file_hash, weights_hash
from frism.cli.main import main
from frism.evaluation.engine import Engine
from frism.evaluation.predictions import Key, read_predictions
from frism.evaluation.records import read_records
from tests.eval_runs import (
    COUNT,
    LIMIT,
    NAMES,
    EvalRuns,
    content,
    every_question,
    records,
    results,
    table,
)
from tests.pico_questions import save
from tests.pico_vlm import save_vlm


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> EvalRuns:
    return EvalRuns.make(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def done(runs: EvalRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results and predictions of a run by one worker, in batches of 5."""
    place = tmp_path_factory.mktemp("done")
    assert runs.run(place, "--batch-size", "5") == 0
    return place


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many questions each call of the engine was given, from here on."""
    counts: list[int] = []
    original = Engine.stream

    def stream(self: Engine, messages: Any, *rest: Any) -> Any:
        counts.append(len(messages))
        return original(self, messages, *rest)

    monkeypatch.setattr(Engine, "stream", stream)
    return counts


def test_open_questions_hit_where_the_answer_is_said(runs: EvalRuns, done: Path) -> None:
    earned = []
    for name in ("FrismPico", "FrismSeen"):
        found = content(done, name)
        (folder,) = (done / "predictions").glob(f"*/{name}-*")
        kept = read_predictions(folder, _key(folder)).answers
        for index, truth in enumerate(table(runs, name)["answer"]):
            same = kept[index].final.lower() == truth.lower() and not kept[index].cut
            assert found["questions"][index]["hit"] == float(same)
            earned.append(same)
        assert found["score"] == pytest.approx(
            100 * sum(q["hit"] for q in found["questions"]) / COUNT
        )
    assert 0 < sum(earned) < len(earned)


def _key(folder: Path) -> Key:
    import json

    with next(folder.glob("*.jsonl")).open() as file:
        key = Key(json.loads(file.readline())["record"]["key"])
    assert folder.name.endswith(key.short)
    return key


def test_a_result_says_what_it_was_made_of(runs: EvalRuns, done: Path) -> None:
    found = content(done, "FrismPicoMCQ")
    assert found["weights"] == weights_hash(runs.folder / "vlm")
    assert found["data"] == file_hash(runs.folder / "data" / "FrismPicoMCQ.tsv")
    assert (found["group"], found["judge"], found["count"]) == ("reasoning", "rule", COUNT)
    assert found["generation"]["max_new_tokens"] == LIMIT
    assert "batch_size" not in found["generation"]
    assert found["low"] <= found["score"] <= found["high"]
    assert 0 < found["chains"]["cut"] <= 1
    assert found["tokens"] <= COUNT * LIMIT


def test_one_record_for_each_question(done: Path) -> None:
    assert sorted(records(done)) == sorted(every_question())


def test_the_family_step_gives_the_same_scores(runs: EvalRuns, done: Path, tmp_path: Path) -> None:
    for name in NAMES:
        shutil.copy(runs.folder / "data" / f"{name}.tsv", tmp_path / f"{name}_TEST.tsv")
    words = ["--models", runs.folder / "vlm", "--data", tmp_path, "--output", tmp_path / "out"]
    words += ["--families", 1, "--pair", "pico", "--method", "vlm", "--splits", "TEST"]
    words += ["--reasoning", *NAMES[:2], "--reasoning-judge", "rule"]
    words += ["--perception", NAMES[2], "--perception-judge", "rule", "--max-new-tokens", LIMIT]
    assert main(["evaluate", *map(str, words)]) == 0
    for record in read_records(tmp_path / "out"):
        found = content(done, record.benchmark)
        assert record.score == found["score"]
        assert [q.hit for q in record.questions] == [q["hit"] for q in found["questions"]]


def test_the_same_weights_are_never_asked_twice(
    runs: EvalRuns, done: Path, tmp_path: Path, asked: list[int]
) -> None:
    place = Path(shutil.copytree(done, tmp_path / "place"))
    shutil.rmtree(place / "out")
    copy = Path(shutil.copytree(runs.folder / "vlm", tmp_path / "vlm"))
    assert runs.run(place, model=copy) == 0
    assert asked == []
    assert results(place) == results(done)


def test_other_weights_or_settings_share_nothing(
    runs: EvalRuns, done: Path, tmp_path: Path, asked: list[int]
) -> None:
    place = Path(shutil.copytree(done, tmp_path / "place"))
    other = save_vlm(tmp_path / "other", seed=3)
    for more in (["--max-new-tokens", "8"], ["--temperature", "1"], ["--blind"]):
        assert runs.run(place, *more) == 0
    assert runs.run(place, model=other) == 0
    assert asked == [3 * COUNT] * 4
    assert len(list((place / "predictions").glob("*/FrismPico-*"))) == 5
    # what was there has not changed
    assert runs.run(place) == 0
    assert results(place) == results(done)


def test_a_changed_benchmark_is_asked_anew_and_no_other(
    runs: EvalRuns, done: Path, tmp_path: Path, asked: list[int]
) -> None:
    place = Path(shutil.copytree(done, tmp_path / "place"))
    data = Path(shutil.copytree(runs.folder / "data", tmp_path / "data"))
    save(table(runs, "FrismSeen").assign(answer="x"), data, "FrismSeen")
    assert runs.run(place, "--data", str(data)) == 0
    assert asked == [COUNT]
    assert content(place, "FrismSeen")["score"] == 0
    assert content(place, "FrismPico") == content(done, "FrismPico")


def test_draws_depend_on_the_seed_and_not_on_batches(runs: EvalRuns, tmp_path: Path) -> None:
    for name, words in {
        "1": ["--batch-size", "3"],
        "2": ["--batch-size", "64"],
        "3": ["--seed", "1"],
    }.items():
        assert runs.run(tmp_path / name, "--temperature", "1", *words) == 0
    assert results(tmp_path / "1") == results(tmp_path / "2")
    assert (
        content(tmp_path / "1", NAMES[0])["tokens"] != content(tmp_path / "3", NAMES[0])["tokens"]
    )


def test_a_seed_without_draws_changes_nothing(
    runs: EvalRuns, done: Path, tmp_path: Path, asked: list[int]
) -> None:
    place = Path(shutil.copytree(done, tmp_path / "place"))
    assert runs.run(place, "--seed", "9") == 0
    assert asked == []


def test_damaged_lines_are_told_and_asked_again(
    runs: EvalRuns, done: Path, tmp_path: Path, asked: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    place = Path(shutil.copytree(done, tmp_path / "place"))
    (folder,) = (place / "predictions").glob("*/FrismSeen-*")
    for path in folder.glob("result-*.json"):
        path.unlink()
    (file,) = folder.glob("*.jsonl")
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:4], lines[4].replace("tokens", "token5"), lines[5][:-9]]))
    assert runs.run(place) == 0
    assert asked == [COUNT - 3]
    assert "3 done, 2 damaged lines ignored" in capsys.readouterr().out
    assert results(place) == results(done)


def test_a_broken_image_is_a_marked_row(
    runs: EvalRuns, done: Path, tmp_path: Path, asked: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    data = Path(shutil.copytree(runs.folder / "data", tmp_path / "data"))
    rows = table(runs, "FrismSeen")
    rows.loc[3, "image"] = str(rows.loc[3, "image"])[:120]
    rows.loc[5, "image"] = "bm90IGFuIGltYWdl" * 9
    save(rows, data, "FrismSeen")
    assert runs.run(tmp_path, "--data", str(data)) == 0
    assert asked == [3 * COUNT - 2]
    found, whole = content(tmp_path, "FrismSeen"), content(done, "FrismSeen")
    assert [mark["index"] for mark in found["broken"]] == [3, 5]
    assert found["count"] == COUNT
    kept = [q | {"hit": 0.0} if q["index"] in (3, 5) else q for q in whole["questions"]]
    assert found["questions"] == kept
    assert "FrismSeen, question 3 is marked" in capsys.readouterr().out
