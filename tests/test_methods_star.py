"""STAR against its formula in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import RandomSources
from tests.oracle_spectral import NAMES, SQUARE, TALL, low_rank, made, svd
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)


@EACH
@pytest.mark.parametrize("eta", [0.1, 0.4, 0.9])
def test_equals_the_formula(name: str, eta: float) -> None:
    sources = RandomSources()
    u, s, vh = svd(sources.tau(name))
    kept = 1 + next(i for i in range(len(s)) if s[: i + 1].sum() >= eta * s.sum())
    spectrum = s[:kept] * s.sum() / s[:kept].sum()
    expected = sources.weights["vlm"][name] + 0.3 * u[:, :kept] @ np.diag(spectrum) @ vh[:kept]
    merged = method("star").merge(sources.inputs(name), {"lambda": 0.3, "eta": eta})
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@EACH
def test_the_whole_spectrum_is_task_arithmetic(name: str) -> None:
    matrix = RandomSources().inputs(name)
    merged = method("star").merge(matrix, {"lambda": 0.7, "eta": 1.0})
    arithmetic = method("task_arithmetic").merge(matrix, {"lambda": 0.7})
    torch.testing.assert_close(merged, arithmetic, **TOLERANCES[torch.float32])


def test_the_smallest_share_is_one_direction_of_the_same_nuclear_norm() -> None:
    matrix = RandomSources().inputs(TALL)
    added = method("star").merge(matrix, {"lambda": 1.0, "eta": 0.0}) - matrix.w_vlm
    values = svd(added.double().numpy())[1]
    assert values[0] == pytest.approx(svd(matrix.tau.double().numpy())[1].sum(), rel=1e-5)
    assert values[1] < 1e-5


def test_equal_singular_values_are_cut_at_the_share() -> None:
    matrix = made(SQUARE, np.zeros((12, 12)), 2.0 * np.eye(12))
    added = method("star").merge(matrix, {"lambda": 1.0, "eta": 0.5}) - matrix.w_vlm
    np.testing.assert_allclose(svd(added.double().numpy())[1], [4.0] * 6 + [0.0] * 6, atol=1e-5)


def test_a_vector_without_full_rank_or_of_zeros() -> None:
    tau = low_rank(TALL, 3)
    added = method("star").merge(made(TALL, tau, tau), {"lambda": 1.0, "eta": 1.0})
    np.testing.assert_allclose(added - made(TALL, tau, tau).w_vlm, tau, atol=1e-5)
    zero = made(TALL, tau, 0 * tau)
    assert torch.equal(method("star").merge(zero, {"lambda": 1.0, "eta": 0.4}), zero.w_vlm)
