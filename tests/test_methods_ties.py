"""TIES as published against numpy float64, and what its trimming over all matrices means."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests import oracle_sparse
from tests.matrix_sources import CASES, RandomSources
from tests.tolerances import TOLERANCES

DENSITIES = pytest.mark.parametrize("density", [0.0, 0.2, 0.75, 1.0])


@DENSITIES
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, density: float) -> None:
    sources = CASES[case]()
    donated = oracle_sparse.trim_whole({n: sources.tau(n) for n in sources.matrices}, density)
    own = oracle_sparse.trim_whole({n: sources.tau_vlm(n) for n in sources.matrices}, density)
    for name in sources.matrices:
        parameters = {"lambda": 1.3, "density": density}
        merged = method("ties").merge(sources.inputs(name), parameters)
        mean = oracle_sparse.disjoint_mean(donated[name], own[name])
        expected = sources.weights["vlm_base"][name] + 1.3 * mean
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@pytest.mark.parametrize("slug", ["ties", "ties_donor"])
def test_one_threshold_holds_for_all_matrices(slug: str) -> None:
    sources = RandomSources()
    loud, quiet = sources.matrices[0], sources.matrices[1]
    base = sources.weights["base"]
    sources.weights["lrm"][loud] = base[loud] + 100 * sources.tau(loud)
    # the loud matrix holds 144 of 864 entries, so it takes more than all that is kept
    parameters = {"lambda": 1.0, "density": 0.1}
    kept = {}
    for name in (loud, quiet):
        sources.weights["vlm"][name] = sources.weights["vlm_base"][name]
        merged = method(slug).merge(sources.inputs(name), parameters)
        kept[name] = int((merged != sources.vlm(name)).sum())
    assert kept == {loud: 86, quiet: 0}


def test_conflicting_signs_and_opposite_entries() -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    sources = RandomSources(shapes={name: (1, 5)})
    zero = np.zeros((1, 5))
    sources.weights["base"][name] = sources.weights["vlm_base"][name] = zero
    sources.weights["vlm"][name] = np.array([[3.0, 3.0, -1.0, 2.0, 0.0]])
    sources.weights["lrm"][name] = np.array([[1.0, -1.0, 2.0, -2.0, 5.0]])
    merged = method("ties").merge(sources.inputs(name), {"lambda": 1.0, "density": 1.0})
    assert merged.tolist() == [[2.0, 3.0, 2.0, 0.0, 5.0]]


class CountingSources(RandomSources):
    """Remembers which task vectors were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def task_vector(self, name: str) -> torch.Tensor:
        self.read.append(name)
        return super().task_vector(name)


def test_the_threshold_is_selected_once_per_model() -> None:
    sources = CountingSources()
    for factor in (0.5, 1.0):
        for name in sources.matrices:
            method("ties_donor").merge(sources.inputs(name), {"lambda": factor, "density": 0.2})
    # two passes of the selection, then each matrix once per merge
    assert sorted(sources.read) == sorted(4 * sources.matrices)
