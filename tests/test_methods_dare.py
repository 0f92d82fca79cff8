"""DARE against numpy float64, and what its random numbers depend on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests import oracle_sparse
from tests.matrix_sources import CASES, RandomSources
from tests.tolerances import TOLERANCES

NAME = "model.layers.0.mlp.up_proj.weight"


def parameters(p: float, seed: float = 0, rescale: str = "probability") -> dict[str, float | str]:
    return {"lambda": 0.7, "p": p, "seed": seed, "rescale": rescale}


@pytest.mark.parametrize("p", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, p: float) -> None:
    sources = CASES[case]()
    for name in sources.matrices:
        merged = method("dare").merge(sources.inputs(name), parameters(p, seed=5))
        tau = sources.tau(name)
        mask = oracle_sparse.uniform(5, "lrm", name, tau.shape) < 1 - p
        expected = sources.weights["vlm"][name] + 0.7 * mask * tau / (1 - p)
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@pytest.mark.parametrize("case", CASES)
def test_the_norm_is_restored_where_asked(case: str) -> None:
    sources = CASES[case]()
    merged = method("dare").merge(sources.inputs(NAME), parameters(0.6, rescale="norm"))
    tau = sources.tau(NAME)
    kept = tau * (oracle_sparse.uniform(0, "lrm", NAME, tau.shape) < 0.4)
    factor = np.abs(tau).sum() / max(np.abs(kept).sum(), 1e-30)
    expected = sources.weights["vlm"][NAME] + 0.7 * kept * factor
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_the_expected_value_is_that_of_task_arithmetic() -> None:
    sources = RandomSources(shapes={NAME: (6, 5)})
    seeds, p = 2000, 0.4
    total = np.zeros((6, 5))
    for seed in range(seeds):
        merged = method("dare").merge(sources.inputs(NAME), parameters(p, seed))
        total += merged.numpy() - sources.weights["vlm"][NAME]
    expected = 0.7 * sources.tau(NAME)
    # standard error of a mean of Bernoulli / (1 - p); 30 entries stay within 5 of it
    error = np.abs(expected) * np.sqrt(p / (1 - p) / seeds)
    assert (np.abs(total / seeds - expected) < 5 * error).all()


def test_the_share_that_is_dropped() -> None:
    sources = RandomSources(shapes={NAME: (300, 300)})
    merged = method("dare").merge(sources.inputs(NAME), parameters(0.9))
    dropped = float((merged == sources.vlm(NAME)).double().mean())
    # five standard errors of a share of 90000
    assert dropped == pytest.approx(0.9, abs=5 * np.sqrt(0.09 / 90000))


@pytest.mark.parametrize("slug", ["dare", "dare_ties", "della"])
def test_bits_depend_on_seed_and_name_alone(slug: str) -> None:
    given = {"lambda": 0.7, "p": 0.5, "seed": 1.0, "rescale": "probability", "epsilon": 0.1}
    names = RandomSources().matrices

    def merge(order: list[str], seed: float) -> dict[str, bytes]:
        sources = RandomSources()
        merged = {n: method(slug).merge(sources.inputs(n), {**given, "seed": seed}) for n in order}
        return {name: each.numpy().tobytes() for name, each in merged.items()}

    forward = merge(list(names), 1.0)
    torch.manual_seed(17)
    assert merge(list(names)[::-1], 1.0) == forward
    other = merge(list(names), 2.0)
    assert all(other[name] != forward[name] for name in names)


def test_matrices_of_one_shape_drop_other_entries() -> None:
    sources = RandomSources()
    first, second = [n for n in sources.matrices if sources.tau(n).shape == (20, 12)]
    kept = [
        method("dare").merge(sources.inputs(n), parameters(0.5)) != sources.vlm(n)
        for n in (first, second)
    ]
    assert 60 < int((kept[0] != kept[1]).sum()) < 180
