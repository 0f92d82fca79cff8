"""The training of gates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from frism.distillation.run import Record
from tests.distillation_inputs import (
    SCHEDULE,
    examples_of,
    train,
)
from tests.steps import PicoMerge
from tests.test_injection import ALL, load, read_subspaces


@ALL
def test_training_changes_gates_and_nothing_else(pico_merge: PicoMerge, kind: str) -> None:
    examples = examples_of(pico_merge.models)
    model, injection, history = train(pico_merge, examples, SCHEDULE, kind)
    before = load(pico_merge.models).state_dict()
    for name, value in model.state_dict().items():
        if not name.endswith(".gate"):
            assert torch.equal(value, before[name.replace(".linear.", ".")]), name
    for name, subspace in read_subspaces(pico_merge).items():
        ours = injection.layers[name].components.subspace
        assert all(torch.equal(*parts) for parts in zip(ours, subspace, strict=True))
    assert (injection.raw != 0).float().mean() > 0.9
    assert history[0]["open"] == 0
    assert len(history) == SCHEDULE.steps


def test_training_lowers_entropy(pico_merge: PicoMerge) -> None:
    examples = examples_of(pico_merge.models)
    schedule = replace(SCHEDULE, objective="entropy", alpha=0.0, learning_rate=0.05, steps=30)
    for activation in ("identity", "mask"):
        _, injection, history = train(
            pico_merge, examples, schedule, "direction", activation=activation
        )
        assert set(history[0]) == {"loss", "entropy", "injection", "open"}
        first, last = (np.mean([r["entropy"] for r in part]) for part in halves(history))
        assert last < first
        injection.refresh()
        if activation == "mask":
            assert set(injection.values.tolist()) == {0.0, 1.0}


def halves(history: list[Record]) -> tuple[list[Record], list[Record]]:
    return history[:10], history[-10:]


def test_alpha_decides_between_distillation_and_injection(pico_merge: PicoMerge) -> None:
    examples = examples_of(pico_merge.models)
    schedule = replace(SCHEDULE, steps=30)
    _, _, closed = train(pico_merge, examples, replace(schedule, alpha=0.0))
    _, _, opened = train(pico_merge, examples, replace(schedule, alpha=1e4))
    assert closed[-1]["kl"] < 0.2 * closed[0]["kl"]
    assert closed[-1]["injection"] > -0.1
    assert opened[-1]["injection"] < -0.99
    assert opened[-1]["open"] > 0.99
    assert opened[-1]["kl"] > closed[0]["kl"]
