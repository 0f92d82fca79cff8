"""Gated layers and injected models against the formula and against the VLM itself."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from frism.checkpoints.subspace_folder import SubspaceFolder
from frism.errors import MergeError
from frism.injection.activation import activate
from frism.injection.design import GateDesign
from frism.injection.gated_linear import GatedLinear, teacher
from frism.injection.gates import Injection
from frism.injection.granularity import GRANULARITIES, component_gates, granularity
from frism.injection.inject import inject
from frism.subspaces.components import COLUMNS, DIRECTIONS, ROWS, Components
from frism.subspaces.decomposition import Subspace, decompose
from tests.pico import LAYERS, MATRICES, Pico, task_vectors
from tests.steps import PicoMerge
from tests.tolerances import TOLERANCES

IDS = torch.tensor([[9, 12, 30, 15, 3], [20, 21, 22, 23, 8]])
ALL = pytest.mark.parametrize("kind", sorted(GRANULARITIES))


def load(pico: Pico) -> Any:
    from transformers import Qwen2_5_VLForConditionalGeneration

    return Qwen2_5_VLForConditionalGeneration.from_pretrained(pico.vlm, dtype=torch.float32).eval()


def read_subspaces(files: PicoMerge) -> dict[str, Subspace]:
    return dict(SubspaceFolder(files.subspaces))


def injected(
    files: PicoMerge, kind: str = "direction", scale: float = 1.0, **design: Any
) -> tuple[Any, Injection]:
    model = load(files.models)
    return model, inject(model, read_subspaces(files), GateDesign(kind, **design), scale)


def fill(injection: Injection, value: float) -> None:
    """Sets every raw gate."""
    with torch.no_grad():
        injection.raw.fill_(value)
    injection.refresh()


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=IDS).logits
    return found


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("axis", [DIRECTIONS, ROWS, COLUMNS])
def test_layer_equals_the_formula(bias: bool, axis: str) -> None:
    rng = np.random.default_rng(0)
    linear = nn.Linear(5, 3, bias=bias, dtype=torch.float64)
    tau, x = rng.normal(size=(3, 5)), rng.normal(size=(2, 4, 5))
    subspace = decompose("w", torch.from_numpy(tau), torch.float64)
    layer = GatedLinear(linear, Components(subspace, axis), scale=0.6)
    values = rng.normal(size=layer.components.count)
    layer.values = torch.from_numpy(values)

    u, s, vh = (part.double().numpy() for part in subspace)
    gated = {
        DIRECTIONS: lambda: u @ np.diag(values * s) @ vh,
        ROWS: lambda: np.diag(values) @ u @ np.diag(s) @ vh,
        COLUMNS: lambda: u @ np.diag(s) @ vh @ np.diag(values),
    }[axis]()
    weight = linear.weight.detach().numpy() + 0.6 * gated
    expected = x @ weight.T + (linear.bias.detach().numpy() if bias else 0)
    ours = layer(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(ours, expected, **TOLERANCES[torch.float64])


@pytest.mark.parametrize("axis", [DIRECTIONS, ROWS, COLUMNS])
def test_energies_are_squared_norms_of_the_components(axis: str) -> None:
    tau = np.random.default_rng(0).normal(size=(3, 5))
    components = Components(decompose("w", torch.from_numpy(tau), torch.float64), axis)
    expected = {
        DIRECTIONS: np.linalg.svd(tau, compute_uv=False) ** 2,
        ROWS: (tau**2).sum(axis=1),
        COLUMNS: (tau**2).sum(axis=0),
    }[axis]
    np.testing.assert_allclose(components.energies.numpy(), expected, rtol=1e-6)


@ALL
def test_gates_at_zero_are_half_strength_task_arithmetic(pico_merge: PicoMerge, kind: str) -> None:
    _, injection = injected(pico_merge, kind)
    taus = task_vectors(pico_merge.models)
    assert len(injection.layers) == MATRICES
    for name, layer in injection.layers.items():
        expected = layer.linear.weight + 0.5 * taus[name]
        torch.testing.assert_close(layer.weight(), expected, **TOLERANCES[torch.float32])


@ALL
def test_open_gates_are_task_arithmetic(pico_merge: PicoMerge, kind: str) -> None:
    model, injection = injected(pico_merge, kind, scale=0.8)
    arithmetic, taus = load(pico_merge.models), task_vectors(pico_merge.models)
    fill(injection, torch.inf)  # sigmoid is exactly 1
    with torch.no_grad():
        for name, parameter in arithmetic.named_parameters():
            canonical = name.replace("model.language_model.", "model.")
            if canonical in taus:
                parameter.add_(taus[canonical], alpha=0.8)
    torch.testing.assert_close(logits(model), logits(arithmetic), rtol=1e-4, atol=1e-4)


@ALL
def test_closed_gates_give_the_vlm_bit_for_bit(pico_merge: PicoMerge, kind: str) -> None:
    model, injection = injected(pico_merge, kind)
    fill(injection, -torch.inf)  # sigmoid is exactly 0
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


@ALL
def test_equal_gates_make_granularities_equal(pico_merge: PicoMerge, kind: str) -> None:
    model, fine = injected(pico_merge, "direction")
    other, coarse = injected(pico_merge, kind)
    for injection in (fine, coarse):
        fill(injection, 0.7)
    exact = kind != "head"  # which multiplies rows in place of singular values
    tolerance = 0 if exact else 1e-4
    torch.testing.assert_close(logits(model), logits(other), rtol=tolerance, atol=tolerance)


@ALL
def test_only_gates_learn(pico_merge: PicoMerge, kind: str) -> None:
    model, injection = injected(pico_merge, kind)
    assert not any(each.requires_grad for each in (*model.parameters(), *model.buffers()))
    model(input_ids=IDS).logits.sum().backward()
    assert injection.raw.grad is not None
    assert torch.isfinite(injection.raw.grad).all()
    assert (injection.raw.grad != 0).float().mean() > 0.9
    assert all(parameter.grad is None for parameter in model.parameters())


RANK, HEADS = 32, 2  # of most matrices of the pico model


@pytest.mark.parametrize(
    ("kind", "groups", "gates"),
    [
        ("model", 1, {1}),
        ("layer", LAYERS, {1}),
        ("matrix", MATRICES, {1}),
        ("head", MATRICES, {1, HEADS}),
        ("block", MATRICES, {8}),
        ("direction", MATRICES, {RANK, RANK // 2}),
    ],
)
def test_numbers_of_gates(pico_merge: PicoMerge, kind: str, groups: int, gates: set[int]) -> None:
    _, injection = injected(pico_merge, kind)
    assert len(injection.gates) == groups
    assert {gate.numel() for gate in injection.gates.values()} == gates
    assert injection.raw.numel() == sum(gate.numel() for gate in injection.gates.values())


@pytest.mark.parametrize(
    ("kind", "projection", "count", "expected"),
    [
        ("matrix", "self_attn.q_proj", 3, [0, 0, 0]),
        ("direction", "mlp.up_proj", 3, [0, 1, 2]),
        ("block", "mlp.up_proj", 10, [0, 0, 1, 2, 3, 4, 4, 5, 6, 7]),
        ("block", "mlp.up_proj", 3, [0, 1, 2]),
        ("head", "self_attn.q_proj", 8, [0, 0, 0, 0, 1, 1, 1, 1]),
        ("head", "self_attn.k_proj", 4, [0, 0, 1, 1]),
        ("head", "self_attn.o_proj", 8, [0, 0, 0, 0, 1, 1, 1, 1]),
        ("head", "mlp.gate_proj", 3, [0, 0, 0]),
    ],
)
def test_components_share_gates(
    kind: str, projection: str, count: int, expected: list[int]
) -> None:
    index = granularity(kind).index(f"model.layers.1.{projection}.weight", count, 2)
    assert index.tolist() == expected


@pytest.mark.parametrize(
    ("projection", "axis"),
    [("q", ROWS), ("k", ROWS), ("v", ROWS), ("o", COLUMNS)],
)
def test_head_gates_stand_before_heads(projection: str, axis: str) -> None:
    name = f"model.layers.0.self_attn.{projection}_proj.weight"
    assert granularity("head").axis(name) == axis
    assert granularity("head").axis("model.layers.0.mlp.up_proj.weight") == DIRECTIONS


def test_a_closed_head_group_keeps_the_vlms_rows(pico_merge: PicoMerge) -> None:
    _, injection = injected(pico_merge, "head")
    name = "model.layers.1.self_attn.{}_proj.weight"
    with torch.no_grad():
        for projection in "qkvo":
            injection.gates[name.format(projection)][1] = -torch.inf
    injection.refresh()
    for projection, rows in (("q", 16), ("k", 8), ("v", 8), ("o", 16)):
        layer = injection.layers[name.format(projection)]
        moved = layer.weight() != layer.linear.weight
        moved = moved.T if projection == "o" else moved
        assert not moved[rows:].any()
        assert moved[:rows].all()


def test_heads_that_do_not_fit_are_refused() -> None:
    name = "model.layers.0.self_attn.q_proj.weight"
    for heads in (0, 3):
        with pytest.raises(MergeError, match=rf"'{name}' has 8 rows .* {heads} key-value heads"):
            granularity("head").index(name, 8, heads)


def test_gates_of_another_model_are_refused() -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    found = component_gates(torch.tensor([1.0, 2.0]), name, 2, 1, granularity("direction"))
    assert found.tolist() == [1.0, 2.0]
    with pytest.raises(MergeError, match=r"have shape \[2\]; expected \[3\]"):
        component_gates(torch.zeros(2), name, 3, 1, granularity("direction"))
    with pytest.raises(MergeError, match=r"'heads'; expected one of \['block', 'direction'"):
        granularity("heads")


def test_activations() -> None:
    raw = torch.tensor([-0.5, 0.0, 0.1, 2.0], dtype=torch.float64, requires_grad=True)
    soft = 1 / (1 + np.exp(-raw.detach().numpy()))
    np.testing.assert_allclose(activate(raw, "sigmoid").detach().numpy(), soft, rtol=1e-12)
    assert torch.equal(activate(raw, "identity"), raw)
    masks = activate(raw, "mask")
    assert masks.tolist() == [0, 0, 1, 1]
    (slope,) = torch.autograd.grad(masks.sum(), raw)
    np.testing.assert_allclose(slope.numpy(), soft * (1 - soft), rtol=1e-12)
    with pytest.raises(MergeError, match=r"'tanh'; expected one of .*'sigmoid'"):
        activate(raw, "tanh")


def test_training_starts_half_open_or_all_on(pico_merge: PicoMerge) -> None:
    for activation, value in (("sigmoid", 0.5), ("mask", 1.0)):
        _, injection = injected(pico_merge, activation=activation)
        assert set(injection.values.tolist()) == {value}
    model = load(pico_merge.models)
    design = GateDesign("layer", activation="identity")
    injection = inject(model, read_subspaces(pico_merge), design, 1.0, initial=0.3)
    torch.testing.assert_close(injection.values, torch.full_like(injection.values, 0.3))


def test_matrices_that_are_left_out_stay_the_vlms(pico_merge: PicoMerge) -> None:
    model, injection = injected(pico_merge, modules="only_up")
    assert {name.split(".")[-2] for name in injection.layers} == {"up_proj"}
    assert len(injection.layers) == LAYERS
    assert sum(isinstance(module, GatedLinear) for module in model.modules()) == LAYERS
    _, others = injected(pico_merge, modules="without_up")
    assert len(others.layers) == MATRICES - LAYERS
    with pytest.raises(MergeError, match="'only_x' leave no matrix"):
        injected(pico_merge, modules="only_x")


def test_leading_directions_alone_are_injected(pico_merge: PicoMerge) -> None:
    _, injection = injected(pico_merge, energy=0.5)
    for name, (u, s, vh) in read_subspaces(pico_merge).items():
        layer = injection.layers[name]
        shares = np.cumsum(s.double().numpy() ** 2) / np.sum(s.double().numpy() ** 2)
        kept = int(np.argmax(shares >= 0.5)) + 1
        assert layer.components.count == layer.values.numel() == kept < s.numel()
        expected = layer.linear.weight + 0.5 * (u[:, :kept] * s[:kept]) @ vh[:kept]
        torch.testing.assert_close(layer.weight(), expected, **TOLERANCES[torch.float32])


def test_subspaces_of_another_model_are_refused(pico_merge: PicoMerge) -> None:
    subspaces = read_subspaces(pico_merge)
    name = next(iter(subspaces))
    u, s, vh = subspaces[name]
    wrong = subspaces | {name: Subspace(u[1:], s, vh)}
    with pytest.raises(MergeError, match=rf"'{name}' has shape \[32, 48\] .* \[31, 48\]"):
        inject(load(pico_merge.models), wrong, GateDesign(), 1.0)
    del subspaces[name]
    with pytest.raises(MergeError, match=rf"'{name}' is only in the model \(1 tensors"):
        inject(load(pico_merge.models), subspaces, GateDesign(), 1.0)
