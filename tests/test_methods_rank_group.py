"""One group of singular directions against its formula in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.errors import MergeError
from frism.methods.registry import check_parameters, completed, method
from tests.matrix_sources import Array, RandomSources
from tests.oracle_spectral import NAMES, TALL, svd
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)
RANK = 12


def merged(sources: RandomSources, name: str, group: int, groups: int, factor: float) -> Array:
    found = method("rank_group")
    given = {"group": float(group), "groups": float(groups), "lambda": factor}
    return found.merge(sources.inputs(name), completed(found, given)).double().numpy()


@EACH
@pytest.mark.parametrize(
    ("groups", "sizes"), [(1, [12]), (4, [3, 3, 3, 3]), (5, [2, 2, 3, 2, 3]), (12, [1] * 12)]
)
def test_each_group_equals_the_formula(name: str, groups: int, sizes: list[int]) -> None:
    sources = RandomSources()
    u, s, vh = svd(sources.tau(name))
    first = 0
    for group, size in enumerate(sizes, 1):
        own = slice(first, first + size)
        expected = sources.weights["vlm"][name] + 0.7 * (u[:, own] * s[own]) @ vh[own]
        found = merged(sources, name, group, groups, 0.7)
        np.testing.assert_allclose(found, expected, **TOLERANCES[torch.float32])
        first += size
    assert first == RANK


@EACH
@pytest.mark.parametrize("groups", [1, 4, 7, 64])
def test_groups_sum_to_the_task_vector(name: str, groups: int) -> None:
    sources = RandomSources()
    vlm = sources.weights["vlm"][name]
    added = [merged(sources, name, g, groups, 1.0) - vlm for g in range(1, groups + 1)]
    np.testing.assert_allclose(sum(added), sources.tau(name), rtol=1e-5, atol=1e-5)


def test_with_more_groups_than_directions_some_are_empty() -> None:
    sources = RandomSources()
    vlm = sources.weights["vlm"][TALL]
    empty = [np.array_equal(merged(sources, TALL, g, 24, 1.0), vlm) for g in range(1, 25)]
    assert sum(empty) == 24 - RANK


@pytest.mark.parametrize("given", [{"group": 5.0}, {"group": 3.0, "groups": 2.0}])
def test_a_group_beyond_the_last_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(MergeError, match="expected group at most groups"):
        check_parameters(method("rank_group"), {"lambda": 1.0, **given})
