"""WUDI against its normal equations, and against what its loss says, in numpy float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import Array, RandomSources
from tests.oracle_spectral import NAMES, SQUARE, TALL, WIDE, low_rank, made, vlm_base
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)
MANY = {"lambda": 1.0, "steps": 1e9}


def loss(merged: Array, taus: Sequence[Array]) -> float:
    """The paper's: the disturbance of each task, relative to the size of its vector."""
    return sum(float(np.linalg.norm((merged - t) @ t.T) / np.linalg.norm(t)) ** 2 for t in taus)


def grams(taus: Sequence[Array]) -> list[Array]:
    """Returns how much each task weighs each pair of inputs, [n, n]."""
    return [tau.T @ tau / np.linalg.norm(tau) ** 2 for tau in taus]


@EACH
@pytest.mark.parametrize("steps", [1, 300])
def test_equals_gradient_descent_from_the_sum(name: str, steps: int) -> None:
    sources = RandomSources()
    taus = [sources.tau_vlm(name), sources.tau(name)]
    weights = grams(taus)
    merged = taus[0] + taus[1]
    step = 1 / np.linalg.eigvalsh(weights[0] + weights[1])[-1]
    for _ in range(steps):
        gradients = [(merged - tau) @ weight for tau, weight in zip(taus, weights, strict=True)]
        merged = merged - step * (gradients[0] + gradients[1])
    expected = vlm_base(sources, name) + 0.9 * merged
    found = method("wudi").merge(sources.inputs(name), {"lambda": 0.9, "steps": float(steps)})
    np.testing.assert_allclose(found.numpy(), expected, **TOLERANCES[torch.float32])
    assert loss(merged, taus) < loss(taus[0] + taus[1], taus)


@EACH
def test_many_steps_end_at_the_normal_equations(name: str) -> None:
    sources = RandomSources()
    taus = [sources.tau_vlm(name), sources.tau(name)]
    weights = grams(taus)
    targets = taus[0] @ weights[0] + taus[1] @ weights[1]
    least = targets @ np.linalg.pinv(weights[0] + weights[1], rcond=1e-10)
    found = method("wudi").merge(sources.inputs(name), {"lambda": 1.0, "steps": 1e9})
    expected = vlm_base(sources, name) + least
    np.testing.assert_allclose(found.numpy(), expected, **TOLERANCES[torch.float32])


def test_vectors_on_different_inputs_are_added() -> None:
    left, right = np.zeros((12, 20)), np.zeros((12, 20))
    left[:, :8], right[:, 8:] = low_rank(WIDE, 8)[:, :8], low_rank(WIDE, 8, seed=1)[:, 8:]
    matrix = made(WIDE, left, right)
    merged = method("wudi").merge(matrix, MANY)
    np.testing.assert_allclose(merged - matrix.w_vlm, right, atol=1e-4)


def test_equal_vectors_without_full_rank_come_back_once() -> None:
    tau = low_rank(TALL, 3)
    matrix = made(TALL, tau, tau)
    np.testing.assert_allclose(method("wudi").merge(matrix, MANY), matrix.w_vlm, atol=1e-5)


def test_a_multiple_counts_by_its_square_not_by_its_size() -> None:
    matrix = made(SQUARE, np.eye(12), 4 * np.eye(12))
    # both losses are relative: the minimum lies halfway
    merged = method("wudi").merge(matrix, MANY) - (matrix.w_vlm - matrix.tau_vlm)
    np.testing.assert_allclose(merged, 2.5 * np.eye(12), atol=1e-5)


def test_a_vector_of_zeros_has_no_say() -> None:
    tau = low_rank(TALL, 12)
    matrix = made(TALL, 0 * tau, tau)
    added = method("wudi").merge(matrix, MANY) - matrix.w_vlm
    np.testing.assert_allclose(added, tau, atol=1e-4)
    nothing = made(TALL, 0 * tau, 0 * tau)
    assert torch.equal(method("wudi").merge(nothing, MANY), nothing.w_vlm)
