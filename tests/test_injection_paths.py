"""Both ways of computing a gated layer against plain autograd, finite differences and counts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from frism.errors import MergeError
from frism.injection.gated_linear import GatedLinear
from frism.injection.operations import (
    DENSE,
    LOW_RANK,
    MATERIALISED,
    PLAIN,
    cheapest,
    operations,
)
from frism.injection.paths import Frozen, low_rank, materialised
from frism.subspaces.components import COLUMNS, DIRECTIONS, ROWS, Components, inject_components
from frism.subspaces.decomposition import Subspace, decompose
from tests.tolerances import TOLERANCES

SCALE = 0.6
PATHS = {MATERIALISED: materialised, LOW_RANK: low_rank, DENSE: materialised}
# tokens, out features, in features, rank: each order of the products is the cheapest for some
SIZES = [(2, 5, 7, 5), (4, 5, 7, 2), (6, 7, 5, 5), (12, 7, 5, 5), (30, 5, 7, 5), (9, 6, 6, 6)]
EACH_SIZE = pytest.mark.parametrize("size", SIZES)
EACH_WAY = pytest.mark.parametrize(
    ("path", "axis", "keep"),
    [
        (MATERIALISED, DIRECTIONS, True),
        (MATERIALISED, DIRECTIONS, False),
        (LOW_RANK, DIRECTIONS, True),
        (DENSE, ROWS, True),
        (DENSE, COLUMNS, True),
        (DENSE, ROWS, False),
    ],
)


def frozen_layer(
    size: tuple[int, ...], axis: str = DIRECTIONS, keep: bool = True, bias: bool = True
) -> Frozen:
    _, m, n, r = size
    torch.manual_seed(0)
    linear = nn.Linear(n, m, bias=bias, dtype=torch.float64).requires_grad_(False)
    u, s, vh = decompose("w", torch.randn(m, n))
    subspace = Subspace(u[:, :r].double(), s[:r].double(), vh[:r].double())
    return Frozen(linear.weight, linear.bias, Components(subspace, axis), SCALE, keep)


def variables(frozen: Frozen, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    x = torch.randn(tokens, frozen.weight.shape[1], dtype=frozen.weight.dtype)
    values = torch.rand(frozen.components.count, dtype=frozen.components.subspace.s.dtype)
    return x.requires_grad_(), values.requires_grad_()


def oracle(frozen: Frozen, x: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """The formula, left to autograd."""
    u, s, vh = frozen.components.subspace
    gated = {
        DIRECTIONS: lambda: u @ torch.diag(values * s) @ vh,
        ROWS: lambda: torch.diag(values) @ u @ torch.diag(s) @ vh,
        COLUMNS: lambda: u @ torch.diag(s) @ vh @ torch.diag(values),
    }[frozen.components.axis]()
    return nn.functional.linear(x, frozen.weight + SCALE * gated, frozen.bias)


def counting() -> FlopCounterMode:
    """Counts a multiplication and an addition each; by itself it would miss products in place."""

    def product(y: Any, a: tuple[int, int], b: tuple[int, int], **_: Any) -> int:
        return 2 * a[0] * a[1] * b[1]

    return FlopCounterMode(display=False, custom_mapping={torch.ops.aten.addmm_: product})


@EACH_WAY
@EACH_SIZE
def test_gradients_are_those_of_the_formula(
    path: str, axis: str, keep: bool, size: tuple[int, ...]
) -> None:
    frozen = frozen_layer(size, axis, keep)
    x, values = variables(frozen, size[0])
    found, expected = PATHS[path](x, values, frozen), oracle(frozen, x, values)
    torch.testing.assert_close(found, expected, **TOLERANCES[torch.float64])
    weights = torch.randn_like(expected)
    ours = torch.autograd.grad(found, (x, values), weights)
    theirs = torch.autograd.grad(expected, (x, values), weights)
    for our, their in zip(ours, theirs, strict=True):
        torch.testing.assert_close(our, their, **TOLERANCES[torch.float64])


@EACH_WAY
def test_gradients_are_finite_differences(path: str, axis: str, keep: bool) -> None:
    for size in SIZES[:3]:
        frozen = frozen_layer(size, axis, keep)
        variable = variables(frozen, size[0])
        assert torch.autograd.gradcheck(lambda x, v, f=frozen: PATHS[path](x, v, f), variable)


@EACH_WAY
def test_shapes_missing_biases_and_missing_gradients(path: str, axis: str, keep: bool) -> None:
    frozen = frozen_layer(SIZES[0], axis, keep, bias=False)
    x, values = variables(frozen, 6)
    batch = x.detach().view(3, 2, -1).transpose(0, 1)  # not contiguous
    y = PATHS[path](batch, values, frozen)
    torch.testing.assert_close(y, oracle(frozen, batch, values), **TOLERANCES[torch.float64])
    (dv,) = torch.autograd.grad(y.sum(), values)  # the first layer's inputs need no gradient
    (expected,) = torch.autograd.grad(oracle(frozen, batch, values).sum(), values)
    torch.testing.assert_close(dv, expected, **TOLERANCES[torch.float64])
    shut = values.detach()
    (dx,) = torch.autograd.grad(PATHS[path](x, shut, frozen).sum(), x)
    (expected,) = torch.autograd.grad(oracle(frozen, x, shut).sum(), x)
    torch.testing.assert_close(dx, expected, **TOLERANCES[torch.float64])


@EACH_WAY
@EACH_SIZE
def test_operations_are_those_that_run(
    path: str, axis: str, keep: bool, size: tuple[int, ...]
) -> None:
    tokens, m, n, r = size
    frozen = frozen_layer(size, axis, keep)
    if axis != DIRECTIONS:
        assert frozen.components.tau.shape == (m, n)  # once and not in each pass
    x, values = variables(frozen, tokens)
    with counting() as counter:
        torch.autograd.grad(PATHS[path](x, values, frozen).sum(), (x, values))
    assert counter.get_total_flops() == 2 * operations(path, m, n, r, tokens, keep)


def test_plain_operations_are_those_of_a_frozen_layer() -> None:
    layer = nn.Linear(5, 3).requires_grad_(False)
    with counting() as counter:
        layer(torch.randn(4, 5, requires_grad=True)).sum().backward()
    assert counter.get_total_flops() == 2 * operations(PLAIN, 3, 5, 0, 4)
    with pytest.raises(MergeError, match=r"unknown path 'rotated'; expected one of \['plain'"):
        operations("rotated", 3, 5, 3, 4)


@pytest.mark.parametrize(
    ("m", "n", "r", "tokens", "keep", "expected"),
    [
        # full rank, up to m n / (m + n) tokens
        (18944, 3584, 3584, 3013, True, LOW_RANK),
        (18944, 3584, 3584, 3014, True, MATERIALISED),
        (896, 896, 896, 447, True, LOW_RANK),
        (896, 896, 896, 449, True, MATERIALISED),
        # a matrix that is not kept costs once more
        (896, 896, 896, 449, False, LOW_RANK),
        # the rank does not matter as long as projecting is the cheapest order
        (18944, 3584, 64, 3013, True, LOW_RANK),
        (18944, 3584, 64, 3014, True, MATERIALISED),
    ],
)
def test_cheapest_path(m: int, n: int, r: int, tokens: int, keep: bool, expected: str) -> None:
    assert cheapest(m, n, r, tokens, keep) == expected


def test_full_rank_at_few_tokens_costs_two_and_a_ratio_of_sides() -> None:
    m, n = 4864, 896
    ratio = operations(LOW_RANK, m, n, n, 1) / operations(PLAIN, m, n, n, 1)
    assert ratio == pytest.approx(2 + n / m)


@pytest.mark.parametrize("tokens", [1, 2, 3, 4, 8])
def test_layer_takes_the_cheapest_path(tokens: int) -> None:
    frozen = frozen_layer((0, 6, 5, 5))
    layer = nn.Linear(5, 6, dtype=torch.float64)
    gated = GatedLinear(layer, frozen.components, SCALE)
    x, gated.values = variables(frozen, tokens)
    with counting() as counter:
        gated(x).sum().backward()
    counts = {path: operations(path, 6, 5, 5, tokens) for path in (LOW_RANK, MATERIALISED)}
    assert counter.get_total_flops() == 2 * min(counts.values())
    assert counts[gated.path(tokens)] == min(counts.values())
    with torch.no_grad():  # what is measured is the merged model, bit for bit
        merged = inject_components(frozen.components, layer.weight, gated.values, SCALE)
        assert torch.equal(gated(x), nn.functional.linear(x, merged, layer.bias))


@EACH_WAY
def test_only_references_are_kept(path: str, axis: str, keep: bool) -> None:
    size = (3, 11, 7, 5)
    frozen = frozen_layer(size, axis, keep)
    kept: list[torch.Tensor] = []
    x, values = variables(frozen, size[0])

    def pack(tensor: torch.Tensor) -> Any:
        kept.append(tensor)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        PATHS[path](x, values, frozen)
    expected = [(3, 7), tuple(values.shape)] + [(11, 7)] * keep
    if path == LOW_RANK:
        expected = [(5,), (3, 5)]  # the products with Vh in place of the inputs
    assert [tuple(each.shape) for each in kept] == expected
    frozen_parts = {part.data_ptr() for part in (frozen.weight, *frozen.components.subspace)}
    assert not frozen_parts & {each.data_ptr() for each in kept}
    assert ("tau" in frozen.components.__dict__) == (axis != DIRECTIONS)


def test_components_are_not_copied_where_they_stay() -> None:
    components = frozen_layer(SIZES[0]).components
    assert components.to(torch.device("cpu")) is components
    moved = components.to(torch.device("meta"))
    assert {part.device.type for part in moved.subspace} == {"meta"}
