"""TIES of the LRM's task vector alone against numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests import oracle_sparse
from tests.matrix_sources import CASES, RandomSources
from tests.tolerances import TOLERANCES


@pytest.mark.parametrize("density", [0.0, 0.2, 0.75, 1.0])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, density: float) -> None:
    sources = CASES[case]()
    kept = oracle_sparse.trim_whole({n: sources.tau(n) for n in sources.matrices}, density)
    for name in sources.matrices:
        parameters = {"lambda": 0.8, "density": density}
        merged = method("ties_donor").merge(sources.inputs(name), parameters)
        expected = sources.weights["vlm"][name] + 0.8 * kept[name]
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_the_share_is_exact_where_magnitudes_differ() -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    sources = RandomSources(shapes={name: (50, 40)})
    # all magnitudes differ, over many powers of 2, so that both passes of the selection count
    random = np.random.default_rng(0)
    tau = random.permutation(np.arange(1.0, 2001.0)) * random.choice([-1, 1], 2000)
    sources.weights["base"][name] = sources.weights["vlm"][name] = np.zeros((50, 40))
    sources.weights["lrm"][name] = tau.reshape(50, 40)
    for count in (1, 2, 399, 400, 1000, 1999):
        parameters = {"lambda": 1.0, "density": (count + 0.5) / 2000}
        merged = method("ties_donor").merge(sources.inputs(name), parameters)
        assert sorted(merged[merged != 0].abs().tolist()) == list(range(2001 - count, 2001))
