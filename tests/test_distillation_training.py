"""The training of gates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from frism.distillation.batches import parts
from frism.distillation.calibration import build_examples
from frism.distillation.compute import Compute
from frism.distillation.run import Record
from frism.distillation.training import train_gates
from frism.errors import TrainingError
from frism.injection.design import GateDesign
from frism.injection.inject import inject
from tests.distillation_inputs import (
    SCHEDULE,
    examples_of,
    in_double,
    objective_of,
    questions,
    train,
)
from tests.steps import PicoMerge
from tests.test_injection import ALL, injected, load, read_subspaces


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


@pytest.mark.parametrize("count", [2, 5, 9])
def test_accumulation_takes_the_same_steps(pico_merge: PicoMerge, count: int) -> None:
    """Parts differ in answer tokens, so a mean of their means would be another step."""
    histories, gates = [], []
    for accumulation in (1, count):
        schedule = replace(SCHEDULE, accumulation=accumulation)
        model, injection, examples = in_double(pico_merge, "direction")
        objective = objective_of(model, injection, examples, schedule)
        histories.append(train_gates(objective, examples, schedule).history)
        gates.append(injection.raw.detach())
    torch.testing.assert_close(*gates, rtol=1e-9, atol=1e-9)
    for whole, added in zip(*histories, strict=True):
        assert added == pytest.approx(whole, rel=1e-10)


def test_parts_share_the_tokens_of_a_batch(pico_merge: PicoMerge) -> None:
    examples = examples_of(pico_merge.models)
    found = parts(examples, [0, 3, 5, 7, 8, 9, 11], 3)
    assert sorted(i for part in found for i in part) == [0, 3, 5, 7, 8, 9, 11]
    tokens = [sum(len(examples[i].embeddings) for i in part) for part in found]
    assert max(tokens) - min(tokens) <= max(len(example.embeddings) for example in examples)
    assert parts(examples, [4, 2], 5) in ([[4], [2]], [[2], [4]])


def test_recomputation_gives_the_same_gates(pico_merge: PicoMerge) -> None:
    examples = examples_of(pico_merge.models)
    _, kept, _ = train(pico_merge, examples, SCHEDULE)
    schedule = replace(SCHEDULE, gradient_checkpointing=True)
    model, again, _ = train(pico_merge, examples, schedule)
    assert torch.equal(kept.raw, again.raw)
    layer = model.model.language_model.layers[0]
    assert not layer.training
    assert not layer.gradient_checkpointing


def test_layers_are_computed_again_and_not_kept(pico_merge: PicoMerge) -> None:
    examples, calls = examples_of(pico_merge.models), [0, 0]
    for wanted in (0, 1):
        model, injection = injected(pico_merge)
        model.model.language_model.layers[0].mlp.register_forward_pre_hook(
            lambda *_, place=wanted: calls.__setitem__(place, calls[place] + 1)
        )
        schedule = replace(SCHEDULE, steps=1, gradient_checkpointing=bool(wanted))
        objective = objective_of(model, injection, examples, schedule)
        calls[wanted] = 0
        train_gates(objective, examples, schedule)
    assert calls[1] == calls[0] + 1


def test_half_precision_trains_gates_in_float32(pico_merge: PicoMerge) -> None:
    files, histories = pico_merge.models, []
    for dtype in ("float32", "bfloat16"):
        model, processor = Compute(dtype=dtype).load(files.vlm)
        examples = build_examples(model, processor, questions(files))
        assert {str(e.embeddings.dtype) for e in examples} == {f"torch.{dtype}"}
        injection = inject(model, read_subspaces(pico_merge), GateDesign(), 1.0)
        schedule = replace(SCHEDULE, steps=20, batch_size=12)
        run = train_gates(objective_of(model, injection, examples, schedule), examples, schedule)
        assert injection.raw.dtype == torch.float32
        histories.append(run.history)
    # answers differ in a few tokens where two words were about as likely
    for name in ("kl", "injection"):
        exact, half = ([record[name] for record in history] for history in histories)
        np.testing.assert_allclose(half, exact, rtol=0.15, atol=0.02)
    assert histories[1][-1]["loss"] < histories[1][0]["loss"]


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_a_training_that_diverges_is_stopped(pico_merge: PicoMerge, broken: str) -> None:
    examples = examples_of(pico_merge.models)
    model, injection = injected(pico_merge)
    objective = objective_of(model, injection, examples)
    if broken == "loss":
        objective.normaliser = 0.0
    else:
        injection.raw.register_hook(lambda gradient: gradient / 0)  # type: ignore[no-untyped-call]
    with pytest.raises(TrainingError, match=r"loss of step 1 of 3 .* lower distillation\.learning"):
        train_gates(objective, examples, SCHEDULE)
    assert torch.equal(injection.raw, torch.zeros_like(injection.raw))
