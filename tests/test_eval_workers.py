"""Workers share the questions, die and are stopped; what is finished is never asked again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch

from frism.config.tree import Evaluation
from frism.errors import EvaluationError
from frism.evaluation.suite.asking import Model, gpus, own_device
from frism.evaluation.suite.workers import Processes
from tests.eval_runs import NAMES, EvalRuns, every_question, records, results
from tests.workspace import Death

LONGEST_WAIT = 120.0


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> EvalRuns:
    return EvalRuns.make(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def whole(runs: EvalRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of a run that was never cut off."""
    place = tmp_path_factory.mktemp("whole")
    assert runs.run(place) == 0
    return place


def until(true: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Waits as long as a process has not done something yet."""
    start = time.monotonic()
    while not true():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() - start < LONGEST_WAIT
        time.sleep(0.005)


def _has(place: Path, least: int) -> bool:
    return len(records(place)) >= least


def children(process: subprocess.Popen[str]) -> list[int]:
    """Returns the workers of a run; the processes that Python itself needs are none."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(each) for each in found if _is_worker(int(each))]


def _is_worker(process: int) -> bool:
    return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()


def until_gone(processes: list[int]) -> None:
    """Waits for the end of processes."""
    start = time.monotonic()
    while any(Path(f"/proc/{each}").exists() for each in processes):
        assert time.monotonic() - start < LONGEST_WAIT
        time.sleep(0.01)


def goes_on(runs: EvalRuns, place: Path, whole: Path, *more: str) -> None:
    """Expects the same command to ask only the rest, and the results of a run never cut off."""
    before = records(place)
    assert 0 < len(before) < len(every_question())
    assert runs.run(place, *more) == 0
    assert sorted(records(place)) == sorted(every_question())
    assert set(before) <= set(records(place))
    assert results(place) == results(whole)


def test_each_worker_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Evaluation(device="auto")
    assert (own_device(0, Evaluation()), gpus(Evaluation())) == (None, 1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    assert gpus(settings) == 2
    assert [own_device(k, settings) for k in range(3)] == ["cuda:0", "cuda:1", "cuda:0"]
    assert own_device(0, Evaluation()) is None
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "4,7"
    own_device(1, Evaluation(device="auto", engine="vllm"))
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "7"


@pytest.mark.slow
def test_two_workers_give_the_same_as_one(runs: EvalRuns, whole: Path, tmp_path: Path) -> None:
    assert runs.run(tmp_path, "--workers", "2", "--batch-size", "2") == 0
    assert results(tmp_path) == results(whole)
    assert sorted(records(tmp_path)) == sorted(every_question())
    files = {path.name for path in tmp_path.glob("predictions/*/*/*.jsonl")}
    assert files == {"worker-0.jsonl", "worker-1.jsonl"}


@pytest.mark.slow
def test_killed_when_the_second_benchmark_has_its_first_answer(
    runs: EvalRuns, whole: Path, tmp_path: Path
) -> None:
    death = Death("eval", "open", rf"{NAMES[1]}-\w+/worker-0.jsonl$")
    process = runs.start(tmp_path, "--batch-size", "4", deaths=[death])
    said = process.communicate()[0]
    assert process.returncode == -signal.SIGKILL, said
    goes_on(runs, tmp_path, whole, "--batch-size", "7")


@pytest.mark.slow
def test_killed_at_any_moment(runs: EvalRuns, whole: Path, tmp_path: Path) -> None:
    """Twice, with a half-written line each time; the second time its workers end by themselves."""
    for least, count in ((4, "1"), (10, "2")):
        process = runs.start(tmp_path, "--batch-size", "1", "--workers", count)
        until(partial(_has, tmp_path, least), process)
        workers = children(process)
        process.kill()
        process.communicate()
        assert len(workers) == (2 if count == "2" else 0)
        until_gone(workers)
        for path in tmp_path.glob("predictions/*/*/*.jsonl"):
            with path.open("a") as file:
                file.write('{"record":{"index":11,"text":"half')
    goes_on(runs, tmp_path, whole)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "count"), [(signal.SIGINT, "1"), (signal.SIGTERM, "2")])
def test_a_signal_stops_it_and_it_says_how_to_go_on(
    runs: EvalRuns, whole: Path, tmp_path: Path, number: signal.Signals, count: str
) -> None:
    process = runs.start(tmp_path, "--batch-size", "1", "--workers", count)
    until(partial(_has, tmp_path, 4), process)
    workers = children(process)
    process.send_signal(number)
    said = process.communicate()[0]
    assert process.returncode == 128 + number, said
    done = len(records(tmp_path))
    assert (
        f"stopped by {number.name}: {done} of 36 questions are answered and kept: run the" in said
    )
    assert "Traceback" not in said
    until_gone(workers)
    goes_on(runs, tmp_path, whole)


@pytest.mark.slow
def test_a_dead_worker_fails_the_run(runs: EvalRuns, whole: Path, tmp_path: Path) -> None:
    process = runs.start(tmp_path, "--batch-size", "1", "--workers", "2")
    until(partial(_has, tmp_path, 4), process)
    os.kill(children(process)[1], signal.SIGKILL)
    said = process.communicate()[0]
    assert process.returncode == 2, said
    assert "worker 1 died (killed by SIGKILL); finished questions are kept: run the same" in said
    assert "leaked" not in said
    goes_on(runs, tmp_path, whole)


def test_what_is_kept_is_said_once(runs: EvalRuns) -> None:
    team = Processes(Model(runs.folder / "vlm", Evaluation(), False), 1)
    for problem, said in {
        "no end token": "no end token; finished questions are kept",
        "disk full; the answers so far are kept": "disk full; the answers so far are kept",
    }.items():
        ours, theirs = multiprocessing.Pipe()
        team._members = {ours: multiprocessing.Process()}
        theirs.send(problem)
        with pytest.raises(EvaluationError, match=f"^worker 0: {said}$"):
            team._received(ours)


@pytest.mark.slow
def test_an_error_of_a_worker_is_told(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "vlm"
    broken.mkdir()
    for path in (runs.folder / "vlm").iterdir():
        (broken / path.name).symlink_to(path)
    (broken / "generation_config.json").unlink()
    (broken / "generation_config.json").write_text("{}")
    assert runs.run(tmp_path, "--workers", "2", model=broken) == 2
    said = capsys.readouterr().err
    assert "found no end token" in said
    assert "finished questions are kept" in said
