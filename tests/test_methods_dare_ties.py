"""DARE with TIES against numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests import oracle_sparse
from tests.matrix_sources import CASES
from tests.tolerances import TOLERANCES


@pytest.mark.parametrize("p", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, p: float) -> None:
    sources = CASES[case]()
    for name in sources.matrices:
        parameters = {"lambda": 1.1, "p": p, "seed": 3.0}
        merged = method("dare_ties").merge(sources.inputs(name), parameters)
        dropped = [
            tau * (oracle_sparse.uniform(3, owner, name, tau.shape) < 1 - p) / (1 - p)
            for owner, tau in (("lrm", sources.tau(name)), ("vlm", sources.tau_vlm(name)))
        ]
        mean = oracle_sparse.disjoint_mean(*dropped)
        expected = sources.weights["vlm_base"][name] + 1.1 * mean
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_the_two_vectors_drop_other_entries_than_each_other() -> None:
    sources = CASES["float32"]()
    name = sources.matrices[1]
    sources.weights["vlm"][name] = sources.weights["vlm_base"][name] + sources.tau(name)
    parameters = {"lambda": 1.0, "p": 0.5, "seed": 0.0}
    merged = method("dare_ties").merge(sources.inputs(name), parameters)
    # the same vector twice: an entry is lost only where both dropped it, a quarter of the time
    lost = merged.numpy() == sources.weights["vlm_base"][name]
    assert lost.mean() == pytest.approx(0.25, abs=5 * np.sqrt(0.25 * 0.75 / lost.size))
