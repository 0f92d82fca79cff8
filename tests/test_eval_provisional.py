"""Accuracy so far, and what an evaluation shows and refuses while it runs."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import pytest

from frism.evaluation import kit
from frism.evaluation.answers import Answer
from frism.evaluation.conditions import Conditions
from frism.evaluation.datasets import build
from frism.evaluation.engine import Engine
from frism.evaluation.predictions import Key
from frism.evaluation.suite.provisional import SoFar
from frism.evaluation.suite.sheets import Benchmark, Opened, Question, sheets
from tests.eval_runs import COUNT, NAMES, EvalRuns, content
from tests.pico_questions import choice_rows, open_rows, save

KEY = Key({})


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> EvalRuns:
    return EvalRuns.make(tmp_path_factory.mktemp("runs"))


def benchmark(folder: Path, name: str, count: int = 2) -> Benchmark:
    conditions = Conditions("rule", {}, "", {})
    file = folder / f"{name}.tsv"
    return Benchmark(name, "reasoning", conditions, file, "", KEY, KEY, folder, count)


def answer(text: str, ended: bool = True) -> Answer:
    return Answer(text, tokens=3, ended=ended)


def test_answers_are_compared_by_rule(tmp_path: Path) -> None:
    save(choice_rows(["A", "B", "C", "D"]), tmp_path, "FrismChoice")
    save(open_rows(["12", "['1', '2']", "7"]), tmp_path, "FrismOpen")
    so_far = SoFar()
    assert str(so_far) == "no accuracy before the end"
    with kit.settings(tmp_path):
        for name in ("FrismChoice", "FrismOpen"):
            so_far.expect(Opened(benchmark(tmp_path, name), build(name)))
    said = {
        "FrismChoice": ["The answer is (A).", "5", "<think>C", answer("(D)", ended=False).text],
        "FrismOpen": ["<think>3 * 4</think> 12", "1", "8"],
    }
    for name, texts in said.items():
        for k, text in enumerate(texts):
            so_far.count(Question(name, k, []), answer(text, ended=text != "(D)"))
    # of six that have one truth, the first of each benchmark is right
    assert (so_far.hits, so_far.compared) == (2, 6)
    assert str(so_far) == "accuracy so far 33.3 % (provisional)"


def test_a_question_counts_once(tmp_path: Path) -> None:
    save(open_rows(["12"]), tmp_path, "FrismOpen")
    so_far = SoFar()
    with kit.settings(tmp_path):
        so_far.expect(Opened(benchmark(tmp_path, "FrismOpen"), build("FrismOpen")))
    for _ in range(2):
        so_far.count(Question("FrismOpen", 0, []), answer("12"))
    assert so_far.compared == 1


def test_small_benchmarks_share_a_sheet(tmp_path: Path) -> None:
    counts = {"a": 300, "b": 300, "c": 900, "d": 200, "e": 5000, "f": 10}
    made = [benchmark(tmp_path, name, count) for name, count in counts.items()]
    found = [[each.name for each in sheet] for sheet in sheets(made, together=1000)]
    assert found == [["a", "b"], ["c"], ["d"], ["e"], ["f"]]
    assert [len(sheet) for sheet in sheets(made[:4])] == [4]


def test_a_log_shows_rate_remaining_time_and_accuracy(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs.run(tmp_path) == 0
    captured = capsys.readouterr()
    assert f"vlm on suite: 3 benchmarks, {3 * COUNT} questions" in captured.out
    assert "max new tokens 24" in captured.out
    assert f"reasoning, judge rule:\n  FrismPico: {COUNT} questions, 0 done" in captured.out
    line = re.search(
        r"36/36 in \d+ s \([\d.]+/s, 0 s left\): accuracy so far ([\d.]+) %", captured.err
    )
    assert line
    hits = [q["hit"] for name in NAMES for q in content(tmp_path, name)["questions"]]
    assert float(line[1]) == pytest.approx(100 * sum(hits) / len(hits), abs=0.05)


def test_accuracy_after_a_resume_is_that_of_all_answers(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs.run(tmp_path) == 0
    for path in tmp_path.glob("predictions/*/*/result-*.json"):
        path.unlink()
    for file in tmp_path.glob("predictions/*/*/*.jsonl"):
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:-3]))
    said = capsys.readouterr().err
    assert runs.run(tmp_path) == 0
    last = re.compile(r"36/36 .*accuracy so far ([\d.]+) %")
    assert last.findall(said) == last.findall(capsys.readouterr().err) != []


def test_an_evaluation_reaches_no_other_machine(
    runs: EvalRuns,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stream(*_: Any) -> Any:
        socket.create_connection(("192.0.2.1", 80), timeout=1)
        yield

    monkeypatch.setattr(Engine, "stream", stream)
    assert runs.run(tmp_path) == 2
    assert "found a connection to 192.0.2.1:80 within an evaluation" in capsys.readouterr().err
