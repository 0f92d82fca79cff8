"""A training of gates that is sent a signal saves its step, and goes on to the same gates."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from torch.optim.optimizer import register_optimizer_step_pre_hook

from frism.cli.main import main
from frism.distillation import calibration, family
from tests.steps import PicoMerge
from tests.test_distillation_resume import (
    STEPS,
    dying,
    gates_command,
    killed,
    result,
    train,
)
from tests.workspace import Death

TERM = signal.SIGTERM
# each of them is sent before one of the updates
MOMENTS = [(step, TERM) for step in range(1, STEPS + 1)]
MOMENTS += [(2, signal.SIGINT), (3, signal.SIGUSR1), (4, signal.SIGHUP)]


@pytest.fixture(scope="module")
def whole(pico_merge: PicoMerge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gates of a training that nobody stopped."""
    output = tmp_path_factory.mktemp("whole") / "gates"
    train(pico_merge, output)
    return output


@pytest.mark.parametrize(("step", "number"), MOMENTS)
def test_a_signal_at_any_step_costs_no_bit_and_no_step(
    pico_merge: PicoMerge,
    tmp_path: Path,
    whole: Path,
    capfd: pytest.CaptureFixture[str],
    step: int,
    number: signal.Signals,
) -> None:
    output = tmp_path / "gates"
    assert stopped_before(step, number, pico_merge, output) == 128 + number
    said = capfd.readouterr().err
    assert f"{number.name}: this step of the training is finished and saved first" in said
    assert f"frism: stopped by {number.name}: step {step} of {STEPS} is done; what is done" in said
    assert [path.name for path in tmp_path.iterdir()] == [".gates.partial"]
    with dying(STEPS + 1) as taken:
        train(pico_merge, output)
    assert len(taken) == STEPS - step
    assert result(output) == result(whole)
    assert [path.name for path in tmp_path.iterdir()] == ["gates"]


def stopped_before(step: int, number: signal.Signals, pico: PicoMerge, output: Path) -> int:
    """Trains until a signal comes before an update; returns the exit status."""
    taken: list[None] = []

    def hook(*_: Any) -> None:
        taken.append(None)
        if len(taken) == step:
            os.kill(os.getpid(), number)

    handle = register_optimizer_step_pre_hook(hook)
    try:
        return main(gates_command(pico, output))
    finally:
        handle.remove()


def test_a_signal_while_the_vlm_answers_keeps_the_answers(
    pico_merge: PicoMerge, tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    original = calibration.answered

    def answered(model: Any, processor: Any, questions: Any) -> Any:
        asked.append(len(questions))
        if len(asked) == 3:
            os.kill(os.getpid(), TERM)
        return original(model, processor, questions)

    monkeypatch.setattr(calibration, "answered", answered)
    assert main(gates_command(pico_merge, tmp_path / "gates")) == 143
    train(pico_merge, tmp_path / "gates")
    assert asked == [5, 5, 2, 2]
    assert result(tmp_path / "gates") == result(whole)


@pytest.mark.parametrize(
    ("event", "point", "left"),
    [
        ("open", r"calibration\.tsv$", [[], [".gates.partial"]]),
        ("optimiser step", "3", [[".gates.partial"]]),
        ("os.rename", rf"\.{family.RUN_FILE}\.\w+", [[".gates.partial"]]),
        ("os.rename", rf"\.{family.GATES_FILE}\.\w+", [[".gates.partial"]]),
    ],
)
def test_a_process_that_is_stopped_goes_on(
    pico_merge: PicoMerge, tmp_path: Path, whole: Path, event: str, point: str, left: list[Any]
) -> None:
    output = tmp_path / "gates"
    death = Death("gates", event, point, signal=TERM)
    assert killed(pico_merge, output, death) == 143
    assert [path.name for path in tmp_path.iterdir()] in left
    partial = tmp_path / ".gates.partial"
    assert not [path for path in partial.glob(".*.????????.*") if path.is_file()]
    train(pico_merge, output)
    assert result(output) == result(whole)
    assert [path.name for path in tmp_path.iterdir()] == ["gates"]


def test_no_family_stands_in_its_place_before_all_are_trained(
    pico_merge: PicoMerge, tmp_path: Path, whole: Path
) -> None:
    """Snakemake would remove the first one where the second one is stopped."""
    outputs = [tmp_path / name for name in ("first", "second")]
    command = gates_command(pico_merge, outputs[0])
    for flag in ("--vlm", "--subspaces", "--data", "--output"):
        place = command.index(flag) + 1
        command.insert(place + 1, str(outputs[1]) if flag == "--output" else command[place])
    taken: list[None] = []

    def hook(*_: Any) -> None:
        taken.append(None)
        if len(taken) == STEPS + 2:
            os.kill(os.getpid(), TERM)

    handle = register_optimizer_step_pre_hook(hook)
    try:
        assert main(command) == 143
        assert sorted(p.name for p in tmp_path.iterdir()) == [".first.partial", ".second.partial"]
        assert main(command) == 0
    finally:
        handle.remove()
    # the last step is no multiple of --checkpoint-every
    assert len(taken) == STEPS + 2 + 1 + (STEPS - 2)
    assert [result(output) for output in outputs] == [result(whole), result(whole)]
