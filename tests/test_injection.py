"""Gated layers and injected models against the formula and against the VLM itself."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from frism.checkpoints.subspace_file import read_subspace, subspace_names
from frism.checkpoints.tensors import TensorFile
from frism.errors import MergeError
from frism.injection.gated_linear import GatedLinear, teacher
from frism.injection.granularity import GRANULARITIES, directions, granularity, zero_gates
from frism.injection.inject import Injection, inject
from frism.subspaces.decomposition import Subspace, decompose
from tests.pico import MATRICES, Pico
from tests.steps import PicoMerge
from tests.tolerances import TOLERANCES

IDS = torch.tensor([[9, 12, 30, 15, 3], [20, 21, 22, 23, 8]])
BOTH = pytest.mark.parametrize("kind", sorted(GRANULARITIES))


def load(pico: Pico) -> Any:
    from transformers import Qwen2_5_VLForConditionalGeneration

    return Qwen2_5_VLForConditionalGeneration.from_pretrained(pico.vlm, dtype=torch.float32).eval()


def read_subspaces(files: PicoMerge) -> dict[str, Subspace]:
    file = TensorFile(files.subspaces)
    return {name: read_subspace(file, name) for name in subspace_names(file)}


def injected(files: PicoMerge, kind: str, scale: float = 1.0) -> tuple[Any, Injection]:
    model = load(files.models)
    return model, inject(model, read_subspaces(files), granularity(kind), scale)


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=IDS).logits
    return found


@pytest.mark.parametrize("bias", [True, False])
@BOTH
def test_layer_equals_the_formula(bias: bool, kind: str) -> None:
    rng = np.random.default_rng(0)
    linear = nn.Linear(5, 3, bias=bias, dtype=torch.float64)
    tau, x = rng.normal(size=(3, 5)), rng.normal(size=(2, 4, 5))
    subspace = decompose("w", torch.from_numpy(tau), torch.float64)
    index = granularity(kind).index(3)
    gate = nn.Parameter(torch.from_numpy(rng.normal(size=int(index.max()) + 1)))
    layer = GatedLinear(linear, subspace, gate, index, scale=0.6)

    u, s, vh = (part.double().numpy() for part in subspace)
    values = 1 / (1 + np.exp(-gate.detach().numpy()))[index.numpy()]
    weight = linear.weight.detach().numpy() + 0.6 * u @ np.diag(values * s) @ vh
    expected = x @ weight.T + (linear.bias.detach().numpy() if bias else 0)
    ours = layer(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(ours, expected, **TOLERANCES[torch.float64])


@BOTH
def test_gates_at_zero_are_half_strength_task_arithmetic(pico_merge: PicoMerge, kind: str) -> None:
    _, injection = injected(pico_merge, kind)
    taus = TensorFile(pico_merge.task_vectors)
    assert len(injection.layers) == MATRICES
    for name, layer in injection.layers.items():
        expected = layer.linear.weight + 0.5 * taus[name]
        torch.testing.assert_close(layer.weight(), expected, **TOLERANCES[torch.float32])


@BOTH
def test_open_gates_are_task_arithmetic(pico_merge: PicoMerge, kind: str) -> None:
    model, injection = injected(pico_merge, kind, scale=0.8)
    arithmetic, taus = load(pico_merge.models), TensorFile(pico_merge.task_vectors)
    with torch.no_grad():
        for gate in injection.gates.values():
            gate.fill_(torch.inf)  # sigmoid is exactly 1
        for name, parameter in arithmetic.named_parameters():
            canonical = name.replace("model.language_model.", "model.")
            if canonical in taus.tensors:
                parameter.add_(taus[canonical], alpha=0.8)
    torch.testing.assert_close(logits(model), logits(arithmetic), rtol=1e-4, atol=1e-4)


@BOTH
def test_closed_gates_give_the_vlm_bit_for_bit(pico_merge: PicoMerge, kind: str) -> None:
    model, injection = injected(pico_merge, kind)
    with torch.no_grad():
        for gate in injection.gates.values():
            gate.fill_(-torch.inf)  # sigmoid is exactly 0
    assert torch.equal(logits(model), logits(load(pico_merge.models)))


def test_teacher_is_the_vlm_bit_for_bit(pico_merge: PicoMerge) -> None:
    model, _ = injected(pico_merge, "direction")
    alone = logits(load(pico_merge.models))
    with teacher(model):
        assert torch.equal(logits(model), alone)
    assert not torch.equal(logits(model), alone)


def test_teacher_switches_back_after_an_error_and_when_nested(pico_merge: PicoMerge) -> None:
    model, injection = injected(pico_merge, "matrix")
    with contextlib.suppress(RuntimeError), teacher(model):
        with teacher(model):
            pass
        assert not any(layer.injecting for layer in injection.layers.values())
        raise RuntimeError
    assert all(layer.injecting for layer in injection.layers.values())


def test_teacher_needs_an_injected_model() -> None:
    with pytest.raises(MergeError, match="no gated layers"), teacher(nn.Linear(1, 1)):
        pass


def test_equal_gates_make_granularities_equal(pico_merge: PicoMerge) -> None:
    model, fine = injected(pico_merge, "direction")
    other, coarse = injected(pico_merge, "matrix")
    values = torch.linspace(-2, 2, MATRICES)
    with torch.no_grad():
        for value, key in zip(values, fine.gates, strict=True):
            fine.gates[key].fill_(value)
            coarse.gates[key].fill_(value)
    assert torch.equal(logits(model), logits(other))


@BOTH
def test_only_gates_learn(pico_merge: PicoMerge, kind: str) -> None:
    model, injection = injected(pico_merge, kind)
    learning = {id(p) for p in model.parameters() if p.requires_grad}
    assert learning == {id(gate) for gate in injection.gates.values()}
    assert not any(buffer.requires_grad for buffer in model.buffers())
    model(input_ids=IDS).logits.sum().backward()
    for gate in injection.gates.values():
        assert gate.grad is not None
        assert torch.isfinite(gate.grad).all()
    frozen = [p for p in model.parameters() if id(p) not in learning]
    assert all(parameter.grad is None for parameter in frozen)


def test_numbers_of_gates(pico_merge: PicoMerge) -> None:
    ranks = {name: subspace.s.numel() for name, subspace in read_subspaces(pico_merge).items()}
    fine = zero_gates(ranks, granularity("direction"))
    assert {key: gate.numel() for key, gate in fine.items()} == ranks
    coarse = zero_gates(ranks, granularity("matrix"))
    assert {key: gate.numel() for key, gate in coarse.items()} == dict.fromkeys(ranks, 1)


def test_directions_expand_gates() -> None:
    fine, coarse = {"w": torch.tensor([1.0, 2.0])}, {"w": torch.tensor([3.0])}
    assert directions(fine, "w", 2, granularity("direction")).tolist() == [1.0, 2.0]
    assert directions(coarse, "w", 2, granularity("matrix")).tolist() == [3.0, 3.0]


def test_gates_of_another_model_are_refused() -> None:
    gates = {"w": torch.zeros(2)}
    with pytest.raises(MergeError, match=r"'w' have shape \[2\]; expected \[3\]"):
        directions(gates, "w", 3, granularity("direction"))
    with pytest.raises(MergeError, match=r"no gates 'v' .* \['w'\]"):
        directions(gates, "v", 2, granularity("direction"))
    with pytest.raises(MergeError, match=r"'head'; expected one of \['direction', 'matrix'\]"):
        granularity("head")


def test_subspaces_of_another_model_are_refused(pico_merge: PicoMerge) -> None:
    subspaces = read_subspaces(pico_merge)
    name = next(iter(subspaces))
    u, s, vh = subspaces[name]
    wrong = subspaces | {name: Subspace(u[1:], s, vh)}
    with pytest.raises(MergeError, match=rf"'{name}' has shape \[32, 48\] .* \[31, 48\]"):
        inject(load(pico_merge.models), wrong, granularity("direction"), 1.0)
    del subspaces[name]
    with pytest.raises(MergeError, match=rf"'{name}' is only in the model \(1 tensors"):
        inject(load(pico_merge.models), subspaces, granularity("direction"), 1.0)
