"""Tensors merged block by block: the same as at once, in the VLM's type, finite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch

from frism.errors import MergeError
from frism.merging.change import RelativeChange
from frism.merging.tensor import merged_tensor
from frism.methods import matrix
from frism.methods.matrix import MatrixInputs
from frism.methods.method import Method
from frism.methods.registry import method, methods
from tests.matrix_sources import CASES, SHAPES, VECTORS, RandomSources

NAME = "model.layers.0.mlp.up_proj.weight"
ROWWISE = sorted(slug for slug, each in methods().items() if each.rowwise)


def defaults(found: Method) -> dict[str, Any]:
    """Returns coefficients of a method, the last of its candidates."""
    given = found.parameters.items()
    return {n: each.default[-1] if each.default else each.optional for n, each in given}


def giving(values: torch.Tensor, slug: str = "task_arithmetic") -> Method:
    """Returns a method whose result is always `values`."""

    def merge(inputs: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
        return values

    return replace(method(slug), merge=merge, rowwise=False)


def merged(own: torch.Tensor, found: Method) -> torch.Tensor:
    sources = RandomSources()
    sources.weights["vlm"][NAME] = own.double().numpy()
    return merged_tensor(NAME, own, sources.model, found, {"lambda": 1.0}, RelativeChange())


@pytest.fixture(params=[1, 50, 10**6])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(matrix, "BLOCK", request.param)
    size: int = request.param
    return size


def test_some_methods_go_row_by_row() -> None:
    assert {"task_arithmetic", "ties", "ties_tensor", "br2v_linear"} <= set(ROWWISE)
    assert "breadcrumbs" not in ROWWISE


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("slug", ROWWISE)
def test_rows_alone_are_merged_as_in_the_matrix(slug: str, case: str) -> None:
    found, sources = method(slug), CASES[case]()
    parameters = defaults(found)
    names = [*SHAPES, *(VECTORS if found.vectors else ())]
    for name in names:
        whole = found.merge(sources.inputs(name), parameters)
        for row in range(len(whole)):
            rows = slice(row, row + 1)
            alone = found.merge(sources.model.matrix(name, rows), parameters)
            assert torch.equal(alone, whole[rows])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("slug", ["task_arithmetic", "ties_tensor", "breadcrumbs"])
def test_blocks_change_nothing(slug: str, dtype: torch.dtype, block: int) -> None:
    found, sources = method(slug), RandomSources(dtype=dtype)
    parameters, change = defaults(found), RelativeChange()
    own = sources.vlm(NAME).to(dtype)
    stored = merged_tensor(NAME, own, sources.model, found, parameters, change)
    expected = found.merge(sources.inputs(NAME), parameters).to(dtype)
    assert torch.equal(stored, expected)
    moved = (expected.double() - own.double()).norm() / own.double().norm()
    assert change.value == pytest.approx(float(moved), rel=1e-6)


def test_zeros_keep_the_bits_of_the_vlm_where_nothing_moved(block: int) -> None:
    own = torch.tensor([[-0.0, 0.0, -0.0, 1.0, -0.0]], dtype=torch.bfloat16)
    stored = merged(own, giving(torch.tensor([[0.0, -0.0, -0.0, -0.0, 2.0]])))
    assert stored.tolist() == [[0.0, 0.0, 0.0, 0.0, 2.0]]
    assert stored.signbit().tolist() == [[True, False, True, True, False]]


@pytest.mark.parametrize("value", [1e5, float("inf"), float("nan")])
def test_what_the_type_cannot_hold_is_refused(value: float, block: int) -> None:
    values = torch.ones(4, 3)
    values[3, 1] = value
    with pytest.raises(MergeError, match=rf"infinite .* '{NAME}'; expected .* torch\.float16"):
        merged(torch.ones(4, 3, dtype=torch.float16), giving(values))


def test_a_sum_that_overflows_is_finite_entry_by_entry() -> None:
    own = torch.full((8, 8), 60000.0, dtype=torch.float16)
    assert torch.equal(merged(own, giving(own.float())), own)


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_the_method_has_all_threads_before_and_after(two_threads: None) -> None:
    seen: list[int] = []

    def merge(inputs: MatrixInputs, parameters: Mapping[str, Any]) -> torch.Tensor:
        seen.append(torch.get_num_threads())
        return torch.full_like(inputs.w_vlm, torch.inf)

    found = replace(method("task_arithmetic"), merge=merge, rowwise=False)
    with pytest.raises(MergeError):
        merged(torch.ones(20, 12), found)
    assert [*seen, torch.get_num_threads()] == [2, 2]
