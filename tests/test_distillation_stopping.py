"""Held-out examples: never learnt from, measured as they should be, and what stops a training."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from frism.distillation.run import Run
from frism.distillation.training import train_gates
from frism.errors import MergeError
from tests.distillation_inputs import SCHEDULE, everything, examples_of, objective_of
from tests.steps import PicoMerge, train_gates_of
from tests.test_injection import injected

HELD = replace(SCHEDULE, steps=12, validation=4, validate_every=2, batch_size=3)


def test_held_out_examples_are_drawn_once() -> None:
    learnt, held = HELD.split(12)
    assert len(held) == 4
    assert sorted(learnt + held) == list(range(12))
    assert HELD.split(12) == (learnt, held)
    assert replace(HELD, seed=2).split(12) != (learnt, held)
    assert replace(HELD, validation=0).split(3) == ([0, 1, 2], [])
    with pytest.raises(MergeError, match="12 of 12 examples would be held out; expected some"):
        replace(HELD, validation=12).split(12)


def test_held_out_examples_do_not_change_the_gates(pico_merge: PicoMerge) -> None:
    """The gates are those of a training that never saw these examples."""
    examples = examples_of(pico_merge.models)
    learnt, _ = HELD.split(len(examples))
    model, alone = injected(pico_merge)
    own = [examples[i] for i in learnt]
    schedule = replace(HELD, validation=0)
    train_gates(objective_of(model, alone, own, schedule), own, schedule)
    model, injection = injected(pico_merge)
    run = train_gates(objective_of(model, injection, examples, HELD), examples, HELD)
    torch.testing.assert_close(injection.raw, alone.raw, rtol=1e-3, atol=1e-4)
    assert [record["step"] for record in run.measured] == [2, 4, 6, 8, 10, 12]


def test_measurements_are_the_divergence_of_the_held_out(pico_merge: PicoMerge) -> None:
    examples = examples_of(pico_merge.models)
    model, injection = injected(pico_merge)
    schedule = replace(HELD, accumulation=2)
    run = train_gates(objective_of(model, injection, examples, schedule), examples, schedule)
    held = [examples[i] for i in HELD.split(len(examples))[1]]
    with torch.no_grad():
        expected = objective_of(model, injection, held).preservation(everything(held))
    assert run.measured[-1]["kl"] == pytest.approx(float(expected), rel=1e-4)


def stopping(values: list[float], patience: int) -> tuple[Run, list[bool]]:
    """Returns a run after some measurements, whose gates were 1, 2, 3, ..."""
    raw = torch.nn.Parameter(torch.zeros(2))
    run = Run(raw, replace(HELD, patience=patience))
    stops = []
    for number, value in enumerate(values, start=1):
        run.history += [{}, {}]
        with torch.no_grad():
            raw.fill_(number)
        run.measure("kl", value)
        stops.append(run.stops("kl"))
    return run, stops


def test_patience_counts_measurements_without_a_new_smallest() -> None:
    run, stops = stopping([0.5, 0.3, 0.4, 0.3, 0.35], patience=3)
    assert stops == [False, False, False, False, True]
    assert run.finish("kl") == {
        "step": 10,
        "kept_step": 4,
        "reason": "3 measurements without a new smallest kl",
    }
    assert run.raw.tolist() == [2, 2]


def test_the_smallest_is_kept_at_the_end_of_all_steps() -> None:
    run, stops = stopping([0.5, 0.3, 0.4, 0.2, 0.3, 0.25], patience=3)
    assert not any(stops)
    assert run.finish("kl") == {"step": 12, "kept_step": 8, "reason": "all 12 steps done"}
    assert run.raw.tolist() == [4, 4]


def test_without_patience_the_last_gates_are_kept() -> None:
    run, stops = stopping([0.1, 0.2, 0.3, 0.4], patience=0)
    assert not any(stops)
    assert run.finish("kl")["kept_step"] == run.finish("kl")["step"] == 8
    assert run.raw.tolist() == [4, 4]


def test_a_step_stops_early_and_says_so(pico_merge: PicoMerge, tmp_path: Path) -> None:
    """Gates that alpha opens raise the divergence from the first measurement on."""
    words = ["--steps", "40", "--validation", "4", "--validate-every", "2", "--patience", "2"]
    train_gates_of(pico_merge, tmp_path / "all", "frism", "alpha=10000+lambda_lrm=1", *words)
    report = json.loads((tmp_path / "all" / "training.json").read_text())
    measured = {record["step"]: record["kl"] for record in report["validation"]}
    smallest = min(measured, key=lambda step: measured[step])
    assert report["stop"]["kept_step"] == smallest
    assert report["stop"]["step"] == max(measured) == len(report["steps"]) == smallest + 4 < 40
    assert report["stop"]["reason"] == "2 measurements without a new smallest kl"
    assert report["examples"] == 12
    words[1], words[-1] = str(smallest), "0"
    train_gates_of(pico_merge, tmp_path / "few", "frism", "alpha=10000+lambda_lrm=1", *words)
    again = json.loads((tmp_path / "few" / "training.json").read_text())
    assert again["gates"] == report["gates"]
