"""A training that dies goes on where it was, to the same gates bit for bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from torch.optim.optimizer import register_optimizer_step_pre_hook

from frism import files
from frism.distillation import calibration, family
from tests.steps import SETTINGS, PicoMerge, train_gates_of
from tests.workspace import ROOT, Death

STEPS, EVERY = 5, 2
WORDS = [
    *["--steps", str(STEPS), "--checkpoint-every", str(EVERY), "--generation-batch", "5"],
    *["--validation", "3", "--validate-every", "1", "--patience", "6", "--accumulation", "2"],
]
PARAMETERS = "alpha=2+lambda_lrm=1"


class _DeathError(Exception):
    """Stands for the end of a process."""


@contextmanager
def dying(step: int) -> Iterator[list[int]]:
    """Ends a training before one of its updates; yields the updates that it takes."""
    taken: list[int] = []

    def hook(*_: Any) -> None:
        taken.append(len(taken) + 1)
        if len(taken) == step:
            raise _DeathError

    handle = register_optimizer_step_pre_hook(hook)
    try:
        yield taken
    finally:
        handle.remove()


def train(pico: PicoMerge, output: Path, *words: str) -> None:
    train_gates_of(pico, output, "frism", PARAMETERS, *WORDS, *words)


def result(output: Path) -> tuple[bytes, str]:
    """Returns all that does not depend on the clock."""
    report = json.loads((output / "training.json").read_text())
    for name in ("seconds", "preparation_seconds", "training_seconds"):
        report.pop(name)
    return (output / "gates.safetensors").read_bytes(), json.dumps(report)


@pytest.fixture(scope="module")
def whole(pico_merge: PicoMerge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gates of a training that was never cut off."""
    output = tmp_path_factory.mktemp("whole") / "gates"
    train(pico_merge, output)
    return output


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_death_at_any_step_costs_no_bit(
    pico_merge: PicoMerge, tmp_path: Path, whole: Path, step: int
) -> None:
    output = tmp_path / "gates"
    with dying(step), pytest.raises(_DeathError):
        train(pico_merge, output)
    assert [path.name for path in tmp_path.iterdir()] == [".gates.partial"]
    with dying(STEPS + 1) as taken:
        train(pico_merge, output)
    assert len(taken) == STEPS - (step - 1) // EVERY * EVERY
    assert result(output) == result(whole)
    assert [path.name for path in tmp_path.iterdir()] == ["gates"]
    assert sorted(path.name for path in output.iterdir()) == ["gates.safetensors", "training.json"]


def test_answers_are_not_generated_again(
    pico_merge: PicoMerge, tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two batches of three are there already when the process dies."""
    asked: list[int] = []
    original = calibration.answered

    def answered(model: Any, processor: Any, questions: Any) -> Any:
        asked.append(len(questions))
        if len(asked) == 3:
            raise _DeathError
        return original(model, processor, questions)

    monkeypatch.setattr(calibration, "answered", answered)
    with pytest.raises(_DeathError):
        train(pico_merge, tmp_path / "gates")
    train(pico_merge, tmp_path / "gates")
    assert asked == [5, 5, 2, 2]
    assert result(tmp_path / "gates") == result(whole)


def test_other_settings_start_afresh(pico_merge: PicoMerge, tmp_path: Path, whole: Path) -> None:
    output = tmp_path / "gates"
    with dying(STEPS), pytest.raises(_DeathError):
        train(pico_merge, output, "--seed", "5")
    with dying(STEPS + 1) as taken:
        train(pico_merge, output)
    assert len(taken) == STEPS
    assert result(output) == result(whole)


def test_how_often_it_is_written_may_change(
    pico_merge: PicoMerge, tmp_path: Path, whole: Path
) -> None:
    output = tmp_path / "gates"
    with dying(STEPS), pytest.raises(_DeathError):
        train(pico_merge, output)
    with dying(STEPS + 1) as taken:
        train(pico_merge, output, "--checkpoint-every", "3")
    assert len(taken) == 1
    assert result(output) == result(whole)


def test_a_killed_process_goes_on(pico_merge: PicoMerge, tmp_path: Path, whole: Path) -> None:
    """Killed while its first checkpoint takes its place, and again when all but that is done."""
    output = tmp_path / "gates"
    death = Death("gates", "os.rename", rf"\{family.RUN_FILE}$")
    assert killed(pico_merge, output, death) == -signal.SIGKILL
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(files, "_replace_directory", _die)
        with pytest.raises(_DeathError):
            train(pico_merge, output)
    assert [path.name for path in tmp_path.iterdir()] == [".gates.partial"]
    with dying(STEPS + 1) as taken:
        train(pico_merge, output)
    assert len(taken) == 1
    assert result(output) == result(whole)
    assert [path.name for path in tmp_path.iterdir()] == ["gates"]
    assert sorted(path.name for path in output.iterdir()) == ["gates.safetensors", "training.json"]


def test_a_training_that_had_stopped_takes_no_more_steps(
    pico_merge: PicoMerge, tmp_path: Path
) -> None:
    """Gates that alpha opens raise the divergence from the first measurement on."""
    words = ["--checkpoint-every", "1", "--patience", "1", "--steps", "20"]
    flags = ("frism", "alpha=10000+lambda_lrm=1", *WORDS, *words)
    train_gates_of(pico_merge, tmp_path / "whole", *flags)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(files, "_replace_directory", _die)
        with pytest.raises(_DeathError):
            train_gates_of(pico_merge, tmp_path / "gates", *flags)
    with dying(20) as taken:
        train_gates_of(pico_merge, tmp_path / "gates", *flags)
    assert taken == []
    assert result(tmp_path / "gates") == result(tmp_path / "whole")
    assert json.loads(result(tmp_path / "gates")[1])["stop"]["step"] < 20


def _die(*_: Any) -> None:
    raise _DeathError


def gates_command(pico: PicoMerge, output: Path) -> list[str]:
    """Returns the words of the command line that trains the gates of these tests."""
    flags = {
        "vlm": pico.models.vlm,
        "subspaces": pico.subspaces,
        "data": pico.models.calibration.parent,
        "method": "frism",
        "parameters": PARAMETERS,
        "output": output,
    }
    given = [word for name, value in flags.items() for word in (f"--{name}", str(value))]
    return ["gates", *SETTINGS, *WORDS, *given]


def killed(pico: PicoMerge, output: Path, death: Death) -> int:
    """Trains in a process that sends itself a signal; returns the status."""
    command = [sys.executable, str(ROOT / "tests" / "mortal_frism.py")]
    command += gates_command(pico, output)
    environment = os.environ | {"DEATHS": json.dumps([death]), "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode
