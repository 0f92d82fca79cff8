"""What models of real size need: half precision, offload, several devices, and saying the cost."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from transformers import Qwen2Config, Qwen2ForCausalLM

from frism.errors import MergeError
from frism.injection.decoder import matrices
from frism.injection.design import GateDesign
from frism.injection.gated_linear import GatedLinear
from frism.injection.gates import Injection
from frism.injection.inject import inject
from frism.injection.paths import Frozen, low_rank, materialised
from frism.subspaces.components import Components, inject_components
from frism.subspaces.decomposition import Subspace, decompose

HALVES = [torch.bfloat16, torch.float16]
BOTH_PATHS = pytest.mark.parametrize("way", [materialised, low_rank])
FEW, MANY = 4, 60  # tokens for which the low-rank path and the merged matrix are the cheapest
INNER = 24


def build(dtype: torch.dtype = torch.float32) -> Any:
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=40,
        hidden_size=16,
        intermediate_size=INNER,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.2,
    )
    return Qwen2ForCausalLM(config).to(dtype).eval()


def subspaces_of(model: Any, dtype: torch.dtype = torch.float32) -> dict[str, Subspace]:
    torch.manual_seed(1)
    found = {}
    for name, path in matrices(model).items():
        u, s, vh = decompose(name, 0.1 * torch.randn(model.get_submodule(path).weight.shape))
        found[name] = Subspace(u.contiguous().to(dtype), s, vh.to(dtype))
    return found


def injected(
    kind: str = "direction",
    dtype: torch.dtype = torch.float32,
    storage: torch.dtype = torch.float32,
    offload: bool = False,
    keep: bool = True,
) -> tuple[Any, Injection]:
    model = build(dtype)
    subspaces = subspaces_of(model, storage)
    return model, inject(model, subspaces, GateDesign(kind), 1.0, offload=offload, keep=keep)


def gradient(model: Any, injection: Injection, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the loss of some task and the gradient of all raw gates."""
    ids = torch.arange(tokens).remainder(37).unsqueeze(0)
    logits = model(input_ids=ids, use_cache=False).logits.float()
    loss = nn.functional.cross_entropy(logits[0], ids[0].roll(1))
    (found,) = torch.autograd.grad(loss, injection.raw)
    return loss.detach(), found


@pytest.mark.parametrize("storage", [torch.float32, *HALVES])
@pytest.mark.parametrize("tokens", [FEW, MANY])
def test_half_precision_trains_gates_in_single_precision(tokens: int, storage: torch.dtype) -> None:
    model, injection = injected(dtype=torch.bfloat16, storage=storage)
    layer = next(iter(injection.layers.values()))
    assert layer.components.subspace.u.dtype == layer.components.subspace.vh.dtype == storage
    assert layer.components.subspace.s.dtype == injection.raw.dtype == torch.float32
    assert layer.values.dtype == injection.energies.dtype == torch.float32
    assert layer.weight().dtype == model(input_ids=torch.tensor([[1]])).logits.dtype
    loss, found = gradient(model, injection, tokens)
    expected_loss, expected = gradient(*injected(), tokens)
    torch.testing.assert_close(loss, expected_loss, rtol=0.02, atol=0)
    assert torch.cosine_similarity(found, expected, dim=0) > 0.995
    assert found.dtype == torch.float32


@BOTH_PATHS
@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_against_double_precision(way: Any, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    linear = nn.Linear(12, 20, dtype=dtype).requires_grad_(False)
    u, s, vh = decompose("w", torch.randn(20, 12))
    half = Frozen(linear.weight, linear.bias, Components(Subspace(u.to(dtype), s, vh)), 0.7)
    x, values = torch.randn(30, 12).to(dtype), torch.rand(12)
    exact = [each.double() for each in (linear.weight, linear.bias, u.to(dtype), s, vh)]
    double = Frozen(exact[0], exact[1], Components(Subspace(*exact[2:])), 0.7)
    found = _with_gradients(way, x, values, half)
    expected = _with_gradients(way, x.double(), values.double(), double)
    assert [each.dtype for each in found] == [dtype, dtype, torch.float32]
    for our, their in zip(found, expected, strict=True):
        assert (our - their).norm() < 0.01 * their.norm()


def _with_gradients(
    way: Any, x: torch.Tensor, values: torch.Tensor, frozen: Frozen
) -> list[torch.Tensor]:
    x, values = x.clone().requires_grad_(), values.clone().requires_grad_()
    y = way(x, values, frozen)
    return [y.detach(), *torch.autograd.grad(y, (x, values), torch.ones_like(y))]


@BOTH_PATHS
def test_gate_gradients_are_summed_in_single_precision(way: Any) -> None:
    tokens = 1025  # which no type of 8 bits holds
    first = torch.eye(4, dtype=torch.bfloat16)[:1]
    components = Components(Subspace(first.T, torch.ones(1), first))
    frozen = Frozen(torch.eye(4, dtype=torch.bfloat16), None, components, 1.0)
    *_, found = _with_gradients(way, first.expand(tokens, 4), torch.ones(1), frozen)
    assert found.item() == tokens


def test_half_precision_forms_what_a_merge_writes_up_to_the_last_bit() -> None:
    torch.manual_seed(0)
    w = (0.02 * torch.randn(200, 150)).bfloat16()
    components = Components(decompose("w", 0.0004 * torch.randn(200, 150)))
    values = torch.rand(150)
    exact = inject_components(components, w, values, 1.0)
    assert exact.dtype == torch.float32
    trained = inject_components(components, w, values, 1.0, torch.bfloat16)
    assert (trained != exact.bfloat16()).float().mean() < 0.05
    errors = [(each.float() - exact).norm() for each in (trained, exact.bfloat16())]
    assert errors[0] < 1.01 * errors[1]
    closed = inject_components(components, w, torch.zeros(150), 1.0, torch.bfloat16)
    assert torch.equal(closed, w)


@pytest.mark.parametrize("kind", ["direction", "head"])
@pytest.mark.parametrize("tokens", [FEW, MANY])
def test_offload_changes_no_number(kind: str, tokens: int) -> None:
    expected = gradient(*injected(kind), tokens)
    for keep in (True, False):
        model, injection = injected(kind, offload=True, keep=keep)
        for ours, theirs in zip(gradient(model, injection, tokens), expected, strict=True):
            # a matrix that is not kept may change the order of products
            assert torch.equal(ours, theirs) if keep else torch.allclose(ours, theirs, rtol=1e-4)
        parts = [part for each in injection.layers.values() for part in each.components.subspace]
        assert {part.device.type for part in parts} == {"cpu"}


@pytest.mark.parametrize("tokens", [FEW, MANY])
def test_checkpointed_gradients_are_the_same(tokens: int) -> None:
    model, injection = injected()
    expected = gradient(model, injection, tokens)
    model.train()  # transformers checkpoints in training alone; there is no dropout
    model.activation_checkpointing_enable({"use_reentrant": False})
    for ours, theirs in zip(gradient(model, injection, tokens), expected, strict=True):
        assert torch.equal(ours, theirs)


def test_u_and_vh_are_held_once() -> None:
    model = build()
    subspaces = subspaces_of(model)
    injection = inject(model, subspaces, GateDesign(), 1.0)
    gradient(model, injection, MANY)
    for name, layer in injection.layers.items():
        for held, given in zip(layer.components.subspace, subspaces[name], strict=True):
            assert held.data_ptr() == given.data_ptr()
        assert "tau" not in layer.components.__dict__  # a matrix as large as W


def test_layers_on_several_devices_get_their_own_values() -> None:
    def layer(device: str) -> GatedLinear:
        linear = nn.Linear(4, 6, device=device)
        return GatedLinear(linear, Components(decompose("w", torch.eye(6, 4))), 1.0)

    name = "model.layers.{}.mlp.up_proj.weight"
    layers = {name.format(i): layer(device) for i, device in enumerate(("cpu", "meta"))}
    injection = Injection(layers, GateDesign(), 1, 0.0)
    assert injection.raw.device.type == injection.values.device.type == "cpu"
    for own, device in zip(layers.values(), ("cpu", "meta"), strict=True):
        assert own.values.device.type == own.components.subspace.u.device.type == device
        assert own(torch.ones(3, 4, device=device)).device.type == device
    away = GatedLinear(
        nn.Linear(4, 6, device="meta"), layers[name.format(0)].components, 1.0, offload=True
    )
    assert away.components.subspace.u.device.type == "cpu"
    away.values = torch.ones(4, device="meta")
    assert away(torch.ones(3, 4, device="meta")).shape == (3, 6)


def test_the_choice_is_said() -> None:
    _, injection = injected()
    few, many = injection.describe(FEW).splitlines(), injection.describe(MANY).splitlines()
    assert len(few) == 8
    # 2 T m n + 2 T r (m + n) = 8192 against 2 T m n + r m n + T r (m + n) = 11776 over 3072
    assert few[1] == "  mlp.down_proj: 2 x [16, 24], rank 16, low rank, 2.67 times"
    # 2 T m n + r m n + min(T r (m + n), T m n + r m n) = 81408 over 46080
    assert many[1] == "  mlp.down_proj: 2 x [16, 24], rank 16, materialised, 1.77 times"
    assert many[4] == "  self_attn.k_proj: 2 x [8, 16], rank 8, materialised, 1.63 times"
    assert few[0] == "14 gated layers, 4 tokens: 2.73 times the plain operations"
    _, heads = injected("head")
    assert heads.describe(FEW).splitlines()[4].endswith("rank 8, dense, 1.50 times")


def test_ranks_and_paths_that_differ_are_said() -> None:
    model = build()
    subspaces = subspaces_of(model)
    name = "model.layers.0.mlp.down_proj.weight"
    u, s, vh = subspaces[name]
    subspaces[name] = Subspace(u[:, :2], s[:2], vh[:2])
    injection = inject(model, subspaces, GateDesign(), 1.0)
    line = injection.describe(10).splitlines()[1]
    assert line.startswith("  mlp.down_proj: 2 x [16, 24], rank 2 to 16, materialised")


def test_weights_that_are_not_in_memory_are_refused() -> None:
    model = build()
    subspaces = subspaces_of(model)
    with pytest.raises(MergeError, match=r"torch\.float32 on meta; expected a linear layer in mem"):
        inject(model.to("meta"), subspaces, GateDesign(), 1.0)
