"""Breadcrumbs against numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import CASES, Array, RandomSources
from tests.tolerances import TOLERANCES


def oracle(tau: Array, density: float, gamma: float) -> Array:
    """Returns a task vector of which ranks of magnitude below and above a window are 0."""
    flat = tau.ravel()
    rising = sorted(range(flat.size), key=lambda place: (abs(flat[place]), place))
    count, outliers = int(density * flat.size), int(gamma * flat.size)
    begin = max(0, flat.size - outliers - count)
    masked = np.zeros_like(flat)
    for place in rising[begin : begin + count]:
        masked[place] = flat[place]
    return masked.reshape(tau.shape)


@pytest.mark.parametrize(
    ("density", "gamma"), [(0.9, 0.01), (0.5, 0.1), (0.95, 0.2), (1.0, 0.01), (0.0, 0.01), (0.3, 0)]
)
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, density: float, gamma: float) -> None:
    sources = CASES[case]()
    for name in sources.matrices:
        parameters = {"lambda": 0.9, "density": density, "gamma": gamma}
        merged = method("breadcrumbs").merge(sources.inputs(name), parameters)
        expected = sources.weights["vlm"][name] + 0.9 * oracle(sources.tau(name), density, gamma)
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_outliers_and_small_entries_are_masked() -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    sources = RandomSources(shapes={name: (2, 5)})
    sources.weights["base"][name] = sources.weights["vlm"][name] = np.zeros((2, 5))
    sources.weights["lrm"][name] = np.array([[1.0, -9, 3, 4, -10], [5, 6, -2, 8, 7]])
    parameters = {"lambda": 1.0, "density": 0.5, "gamma": 0.2}
    merged = method("breadcrumbs").merge(sources.inputs(name), parameters)
    assert merged.tolist() == [[0, 0, 0, 4, 0], [5, 6, 0, 8, 7]]
