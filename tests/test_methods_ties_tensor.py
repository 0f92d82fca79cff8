"""TIES as in mergekit against numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests import oracle_sparse
from tests.matrix_sources import CASES, RandomSources
from tests.tolerances import TOLERANCES


@pytest.mark.parametrize("density", [0.001, 0.2, 0.75, 1.0])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, density: float) -> None:
    sources = CASES[case]()
    # exact in binary, so that weighted sums of 0 are 0 in float32 and float64
    factor = 0.5
    for name in sources.matrices:
        parameters = {"lambda": factor, "density": density}
        merged = method("ties_tensor").merge(sources.inputs(name), parameters)
        own = oracle_sparse.trim_tensor(sources.tau_vlm(name), density)
        donated = factor * oracle_sparse.trim_tensor(sources.tau(name), density)
        expected = sources.weights["vlm_base"][name] + oracle_sparse.disjoint_sum(own, donated)
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_conflicting_signs_and_opposite_entries() -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    sources = RandomSources(shapes={name: (1, 5)})
    sources.weights["base"][name] = sources.weights["vlm_base"][name] = np.zeros((1, 5))
    sources.weights["vlm"][name] = np.array([[3.0, 3.0, -1.0, 2.0, 0.0]])
    sources.weights["lrm"][name] = np.array([[1.0, -1.0, 1.0, -1.0, 5.0]])
    merged = method("ties_tensor").merge(sources.inputs(name), {"lambda": 2.0, "density": 1.0})
    assert merged.tolist() == [[5.0, 3.0, 2.0, 2.0, 10.0]]


def test_equal_magnitudes_keep_the_share() -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    sources = RandomSources(shapes={name: (2, 5)})
    sources.weights["base"][name] = sources.weights["vlm"][name] = np.zeros((2, 5))
    sources.weights["vlm_base"][name] = np.zeros((2, 5))
    sources.weights["lrm"][name] = np.ones((2, 5))
    merged = method("ties_tensor").merge(sources.inputs(name), {"lambda": 1.0, "density": 0.3})
    assert merged.tolist() == [[1.0, 1.0, 1.0, 0.0, 0.0], [0.0] * 5]
