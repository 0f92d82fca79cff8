"""DELLA against numpy float64, and that small entries are dropped more often."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.errors import MergeError
from frism.methods.registry import check_parameters, completed, method
from tests import oracle_sparse
from tests.matrix_sources import CASES, Array, RandomSources
from tests.tolerances import TOLERANCES

NAME = "model.layers.0.mlp.up_proj.weight"


def parameters(
    p: float, epsilon: float, seed: float = 0, rescale: str = "probability"
) -> dict[str, float | str]:
    return {"lambda": 0.7, "p": p, "epsilon": epsilon, "seed": seed, "rescale": rescale}


def keep_probabilities(tau: Array, p: float, epsilon: float) -> Array:
    """Returns from 1 - p - epsilon at the smallest of a row to 1 - p + epsilon at its largest."""
    keep = np.empty_like(tau)
    levels = np.linspace(1 - p - epsilon, 1 - p + epsilon, tau.shape[1])
    for row, values in enumerate(np.abs(tau)):
        order = sorted(range(len(values)), key=lambda place: (values[place], place))
        keep[row, order] = levels
    return keep


@pytest.mark.parametrize(("p", "epsilon"), [(0.5, 0.15), (0.3, 0.0), (0.8, 0.19), (0.15, 0.15)])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, p: float, epsilon: float) -> None:
    sources = CASES[case]()
    for name in sources.matrices:
        merged = method("della").merge(sources.inputs(name), parameters(p, epsilon, seed=4))
        tau = sources.tau(name)
        keep = keep_probabilities(tau, p, epsilon)
        mask = oracle_sparse.uniform(4, "lrm", name, tau.shape) < keep
        expected = sources.weights["vlm"][name] + 0.7 * mask * tau / keep
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_the_norm_is_restored_where_asked() -> None:
    sources = RandomSources()
    tau = sources.tau(NAME)
    merged = method("della").merge(sources.inputs(NAME), parameters(0.5, 0.15, rescale="norm"))
    draws = oracle_sparse.uniform(0, "lrm", NAME, tau.shape)
    kept = tau * (draws < keep_probabilities(tau, 0.5, 0.15))
    expected = sources.weights["vlm"][NAME] + 0.7 * kept * np.abs(tau).sum() / np.abs(kept).sum()
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_the_expected_value_is_that_of_task_arithmetic() -> None:
    sources = RandomSources(shapes={NAME: (4, 6)})
    tau, seeds = sources.tau(NAME), 2000
    given = [parameters(0.5, 0.4, seed) for seed in range(seeds)]
    merged = [method("della").merge(sources.inputs(NAME), each).numpy() for each in given]
    added = np.stack(merged) - sources.weights["vlm"][NAME]
    keep = keep_probabilities(tau, 0.5, 0.4)
    # standard errors of the mean of Bernoulli / keep, and of the share that is kept
    error = 0.7 * np.abs(tau) * np.sqrt((1 - keep) / keep / seeds)
    assert (np.abs(added.mean(axis=0) - 0.7 * tau) < 5 * error).all()
    kept = (np.abs(added) > 1e-6).mean(axis=0)
    assert (np.abs(kept - keep) < 5 * np.sqrt(keep * (1 - keep) / seeds)).all()


def test_a_column_alone_is_dropped_with_the_lowest_probability_of_keeping() -> None:
    sources = RandomSources(shapes={NAME: (400, 1)})
    merged = method("della").merge(sources.inputs(NAME), parameters(0.5, 0.2))
    kept = float((merged != sources.vlm(NAME)).double().mean())
    assert kept == pytest.approx(0.3, abs=5 * np.sqrt(0.21 / 400))


def test_nothing_is_dropped_with_the_probability_0() -> None:
    sources = RandomSources()
    merged = method("della").merge(sources.inputs(NAME), parameters(0.0, 0.0))
    arithmetic = method("task_arithmetic").merge(sources.inputs(NAME), {"lambda": 0.7})
    torch.testing.assert_close(merged, arithmetic, **TOLERANCES[torch.float32])


@pytest.mark.parametrize(("p", "epsilon"), [(0.9, 0.15), (0.1, 0.15), (0.7, 0.3), (0.5, 0.5)])
def test_probabilities_beyond_0_and_1_are_refused(p: float, epsilon: float) -> None:
    message = "expected p - epsilon at least 0 and p . epsilon below 1"
    with pytest.raises(MergeError, match=rf"p = {p} with epsilon = {epsilon}; {message}"):
        check_parameters(method("della"), parameters(p, epsilon))


def test_the_epsilon_that_is_left_out_counts() -> None:
    assert completed(method("della"), {"lambda": 1.0, "p": 0.15})["epsilon"] == 0.15
    with pytest.raises(MergeError, match=r"p = 0\.1 with epsilon = 0\.15"):
        check_parameters(method("della"), {"lambda": 1.0, "p": 0.1})
