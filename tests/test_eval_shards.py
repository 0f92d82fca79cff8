"""Shares of the questions that are answered side by side give what one run gives."""

from __future__ import annotations

import json
import signal
from functools import partial
from pathlib import Path

import pytest

from frism.errors import OutputError
from frism.evaluation.suite.shard import Shard
from frism.locks import exclusive
from tests.eval_runs import COUNT, NAMES, EvalRuns, content, every_question, records, results
from tests.test_eval_workers import until

SHARES = {"FrismPico": 3, "FrismPicoMCQ": 2, "FrismSeen": 1}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> EvalRuns:
    return EvalRuns.make(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def whole(runs: EvalRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of one run."""
    place = tmp_path_factory.mktemp("whole")
    assert runs.run(place) == 0
    return place


def words(place: Path, benchmark: str, number: int) -> list[str]:
    """Returns the flags of the job of one share; the last --output counts."""
    share = f"{number}/{SHARES[benchmark]}"
    output = str(note(place, benchmark, number).parent)
    given = ["--benchmarks", benchmark, "--shard", share, "--output", output]
    return ["--answers-only", *given]


def note(place: Path, benchmark: str, number: int) -> Path:
    return place / f"answers/{benchmark}/{number}" / f"{benchmark}.json"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_shares_give_the_results_of_one_run(
    runs: EvalRuns, whole: Path, tmp_path: Path, workers: str
) -> None:
    for benchmark, count in reversed(SHARES.items()):
        for number in range(1, count + 1):
            # more processes take long to start: one share has them
            given = [*words(tmp_path, benchmark, number)]
            given += ["--workers", workers if number == count else "1"]
            assert runs.run(tmp_path, *given, "--batch-size", "3") == 0
            found = json.loads(note(tmp_path, benchmark, number).read_text())
            assert found["shard"] == f"{number}/{count}"
            assert found["questions"] == COUNT // count
    asked = records(tmp_path)
    assert sorted(asked) == sorted(every_question())
    assert not (tmp_path / "out").exists()
    assert runs.run(tmp_path) == 0
    assert records(tmp_path) == asked
    assert results(tmp_path) == results(whole)
    assert (
        content(tmp_path, "FrismPico")["predictions"]
        == json.loads(note(tmp_path, "FrismPico", 1).read_text())["predictions"]
    )


def test_shares_run_side_by_side_and_one_that_is_stopped_goes_on(
    runs: EvalRuns, whole: Path, tmp_path: Path
) -> None:
    first, second, third = (
        runs.start(tmp_path, *words(tmp_path, "FrismPico", number), "--batch-size", "1")
        for number in (1, 2, 3)
    )
    until(partial(_first_begun, tmp_path), first)
    first.send_signal(signal.SIGTERM)
    said = [process.communicate()[0] for process in (first, second, third)]
    # it may have been done before the signal came
    assert first.returncode in (0, 143), said[0]
    assert (second.returncode, third.returncode) == (0, 0), said
    if first.returncode:
        assert "of 12 questions are answered and kept" in said[0]
        assert not note(tmp_path, "FrismPico", 1).exists()
    assert runs.run(tmp_path, *words(tmp_path, "FrismPico", 1)) == 0
    assert sorted(records(tmp_path)) == [("FrismPico", index) for index in range(COUNT)]
    assert runs.run(tmp_path) == 0
    assert results(tmp_path) == results(whole)


def _first_begun(place: Path) -> bool:
    """Tells whether a question of the first share of FrismPico is answered."""
    return any(index % SHARES["FrismPico"] == 0 for _, index in records(place))


def test_a_part_of_the_suite(runs: EvalRuns, whole: Path, tmp_path: Path) -> None:
    assert runs.run(tmp_path, "--benchmarks", NAMES[1]) == 0
    assert {name for name, _ in records(tmp_path)} == {NAMES[1]}
    assert results(tmp_path)[f"{NAMES[1]}.json"] == results(whole)[f"{NAMES[1]}.json"]
    assert sorted(results(tmp_path)) == [f"{NAMES[1]}.json", "results.csv", "results.md"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--shard", "2/4"], "--shard 2/4: a share of the answers cannot be scored; add"),
        (["--shard", "0/4", "--answers-only"], "--shard: found 0/4; expected k/n, such as 2/4"),
        (["--shard", "half", "--answers-only"], "--shard: found half; expected k/n"),
        (["--benchmarks", "FrismPicco"], "unknown benchmark 'FrismPicco'; allowed: "),
    ],
)
def test_mistakes(
    runs: EvalRuns,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
    message: str,
) -> None:
    assert runs.run(tmp_path, *given) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_shares_hold_every_question_once() -> None:
    for count in range(1, 9):
        shares = [Shard(number, count).positions(20) for number in range(1, count + 1)]
        assert sorted(position for share in shares for position in share) == list(range(20))
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_parts_exclude_themselves_and_the_whole(tmp_path: Path) -> None:
    with exclusive(tmp_path, "a"), exclusive(tmp_path, "b"):
        for part in ("a", ""):
            with pytest.raises(OutputError, match="another process"), exclusive(tmp_path, part):
                pass
    with (
        exclusive(tmp_path),
        pytest.raises(OutputError, match="another process"),
        exclusive(tmp_path, "a"),
    ):
        pass
    with exclusive(tmp_path, "a"):
        pass
