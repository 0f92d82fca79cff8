"""`frism eval` with a judge behind an endpoint: what it fails on is marked, and asked again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from frism.evaluation.answers import Answer
from frism.evaluation.predictions import Key, PredictionFile
from tests.eval_runs import COUNT, EvalRuns, content
from tests.openai_server import (
    KEY,
    KEY_VARIABLE,
    ChatHandler,
    Fault,
    OpenAIServer,
    completion,
    refusal,
)

NAME = "FrismPicoMCQ"


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[EvalRuns, Path]:
    """Predictions that name no option in so many words, so that the judge is asked."""
    runs = EvalRuns.make(tmp_path_factory.mktemp("runs"))
    suite = {"reasoning": {"judge": "openai", "benchmarks": [NAME]}}
    (runs.folder / "suite.yaml").write_text(
        yaml.safe_dump({"reasoning": {**suite["reasoning"], "judge": "rule"}})
    )
    place = tmp_path_factory.mktemp("place")
    assert runs.run(place) == 0
    (runs.folder / "suite.yaml").write_text(yaml.safe_dump(suite))
    (file,) = place.glob("predictions/*/*/*.jsonl")
    key = Key(json.loads(file.read_text().splitlines()[0])["record"]["key"])
    for path in file.parent.iterdir():
        path.unlink()
    with PredictionFile(file.parent, key) as predictions:
        predictions.append({k: Answer(f"It looks like number {k}", 5, True) for k in range(COUNT)})
    shutil.rmtree(place / "out")
    return runs, place


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)


def words(server: OpenAIServer, *more: str) -> list[str]:
    flags = ["--judge-model", "judge-model", "--judge-endpoint", server.url]
    return [*flags, "--judge-api-key-env", KEY_VARIABLE, "--judge-retries", "0", *more]


def b_but_not_for(*numbers: int) -> Fault:
    """Takes every answer for option B, and fails on some."""

    def answer(handler: ChatHandler) -> None:
        lines = handler.server.asked[-1].text.split()
        failing = any(str(number) in lines[-8:] for number in numbers)
        (refusal(500) if failing else completion("B"))(handler)

    return answer


def test_the_judge_says_what_an_answer_is(answered: tuple[EvalRuns, Path], tmp_path: Path) -> None:
    runs, place = answered[0], Path(shutil.copytree(answered[1], tmp_path / "place"))
    with OpenAIServer() as server:
        server.always = b_but_not_for()
        assert runs.run(place, *words(server)) == 0
        asked = len(server.asked)
        found = content(place, NAME)
        assert found["judge"] == "openai"
        assert found["judge_settings"]["model"] == "judge-model"
        assert [q["hit"] for q in found["questions"]] == [0.0, 1.0, 0.0, 0.0] * 3
        assert asked == COUNT + 1  # and a first one, whether it answers at all
        assert runs.run(place, *words(server)) == 0
        assert len(server.asked) == asked
    assert KEY not in "".join(p.read_text() for p in place.rglob("*") if p.is_file())


def test_what_the_judge_fails_on_is_marked_and_asked_again(
    answered: tuple[EvalRuns, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, place = answered[0], Path(shutil.copytree(answered[1], tmp_path / "place"))
    with OpenAIServer() as server:
        server.always = b_but_not_for(5, 9)
        assert runs.run(place, *words(server)) == 2
        assert f"the judge failed on questions of {NAME} 2" in capsys.readouterr().err
        found = content(place, NAME)
        assert [mark["index"] for mark in found["failed"]] == [5, 9]
        assert found["score"] == pytest.approx(100 / COUNT)
        assert runs.run(place, *words(server, "--allow-judge-failures")) == 0
        server.always, server.asked = b_but_not_for(), []
        assert runs.run(place, *words(server)) == 0
        assert len(server.asked) == 2
    assert content(place, NAME)["failed"] == []
    assert content(place, NAME)["score"] == 25


def test_a_judge_that_does_not_answer_stops_the_run_at_once(
    answered: tuple[EvalRuns, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = answered[0]
    with OpenAIServer() as server:
        server.always = refusal(500)
        assert runs.run(tmp_path, *words(server)) == 2
    assert "does not answer" in capsys.readouterr().err
    assert not list(tmp_path.glob("predictions/*/*/*.jsonl"))
