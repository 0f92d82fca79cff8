"""Iso-C against its formula in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import RandomSources
from tests.oracle_spectral import NAMES, SQUARE, TALL, low_rank, made, svd, vlm_base
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)


@EACH
def test_equals_the_formula(name: str) -> None:
    sources = RandomSources()
    u, s, vh = svd(sources.tau_vlm(name) + sources.tau(name))
    expected = vlm_base(sources, name) + 1.3 * s.mean() * u @ vh
    merged = method("iso_c").merge(sources.inputs(name), {"lambda": 1.3})
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@EACH
def test_one_vector_gets_a_flat_spectrum(name: str) -> None:
    tau = RandomSources().tau(name)
    matrix = made(name, 0 * tau, tau)
    added = method("iso_c").merge(matrix, {"lambda": 1.0}) - matrix.w_vlm
    values = svd(tau)[1]
    np.testing.assert_allclose(svd(added.double().numpy())[1], values.mean(), rtol=1e-5)


def test_equal_singular_values_stay() -> None:
    matrix = made(SQUARE, np.eye(12), 2 * np.eye(12))
    merged = method("iso_c").merge(matrix, {"lambda": 1.0})
    np.testing.assert_allclose(merged - matrix.w_vlm, 2 * np.eye(12), atol=1e-5)


def test_directions_of_no_value_stay_without() -> None:
    tau = low_rank(TALL, 3)
    matrix = made(TALL, tau, tau)
    added = method("iso_c").merge(matrix, {"lambda": 1.0}) - (matrix.w_vlm - matrix.tau_vlm)
    mean = svd(2 * tau)[1].sum() / 3
    expected = [mean] * 3 + [0.0] * 9
    np.testing.assert_allclose(svd(added.double().numpy())[1], expected, atol=1e-4)


def test_vectors_that_cancel_leave_the_base() -> None:
    tau = low_rank(TALL, 3)
    matrix = made(TALL, tau, -tau)
    merged = method("iso_c").merge(matrix, {"lambda": 1.0})
    assert torch.equal(merged, matrix.w_vlm - matrix.tau_vlm)
