"""IP-Merging against its rule in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import Array, RandomSources
from tests.oracle_spectral import NAMES, SQUARE, TALL, low_rank, made, svd
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)


def signed(matrix: Array) -> tuple[Array, Array, Array]:
    """Returns the decomposition in which the largest entry of each left vector is positive."""
    u, s, vh = svd(matrix)
    signs = np.array([np.sign(column[abs(column).argmax()]) for column in u.T])
    return u * signs, s, vh * signs[:, None]


@EACH
@pytest.mark.parametrize("threshold", [-1.0, 0.4, 0.9])
def test_equals_the_rule(name: str, threshold: float) -> None:
    sources = RandomSources()
    _, s_v, v = signed(sources.tau_vlm(name))
    _, s_r, r = signed(sources.tau(name))
    cosines = (v * r).sum(axis=1)
    weights = np.exp(32 * cosines) / np.exp(32 * cosines).sum()
    q = np.diag(weights) @ v
    added = s_v.sum() / s_r.sum() * sources.tau(name) @ q.T @ q
    passes = cosines.max() >= threshold
    expected = sources.weights["vlm"][name] + (0.5 * added if passes else 0)
    parameters = {"lambda": 0.5, "threshold": threshold}
    merged = method("ip_merging").merge(sources.inputs(name), parameters)
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_matrices_differ_in_whether_they_pass() -> None:
    sources = RandomSources()
    changed = {
        bool(
            (
                method("ip_merging").merge(each, {"lambda": 0.5, "threshold": 0.5}) != each.w_vlm
            ).any()
        )
        for each in map(sources.inputs, NAMES)
    }
    assert changed == {True, False}


def test_one_common_direction_is_added_in_the_size_of_the_vlms() -> None:
    left, right = np.eye(12)[:, :1], np.eye(12)[3:4]
    matrix = made(SQUARE, 2 * left @ right, 5 * left @ right)
    merged = method("ip_merging").merge(matrix, {"lambda": 0.5, "threshold": 0.4})
    np.testing.assert_allclose(merged - matrix.w_vlm, 0.5 * 2 * left @ right, atol=1e-6)


def test_opposite_directions_do_not_pass() -> None:
    tau = low_rank(TALL, 1)
    # the left vectors are the same up to the sign, which the rule makes positive in both
    matrix = made(TALL, tau, -tau)
    parameters = {"lambda": 0.5, "threshold": 0.4}
    assert torch.equal(method("ip_merging").merge(matrix, parameters), matrix.w_vlm)


@pytest.mark.parametrize("zero", ["tau", "tau_vlm", "both"])
def test_a_vector_of_zeros_adds_nothing(zero: str) -> None:
    tau = low_rank(TALL, 3)
    own, donated = (0 if zero != "tau" else 1) * tau, (0 if zero != "tau_vlm" else 1) * tau
    matrix = made(TALL, own, donated)
    parameters = {"lambda": 0.5, "threshold": -1.0}
    assert torch.equal(method("ip_merging").merge(matrix, parameters), matrix.w_vlm)


def test_ranks_may_differ() -> None:
    matrix = made(TALL, low_rank(TALL, 2), low_rank(TALL, 5, seed=1))
    merged = method("ip_merging").merge(matrix, {"lambda": 0.5, "threshold": -1.0})
    assert torch.isfinite(merged).all()
    assert np.linalg.matrix_rank((merged - matrix.w_vlm).double().numpy(), tol=1e-4) <= 2
