"""KnOTS-TIES against its algorithm in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import Array, RandomSources
from tests.oracle_spectral import NAMES, TALL, low_rank, made, svd, vlm_base
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)


def aligned(sources: RandomSources, name: str) -> tuple[Array, Array]:
    """Returns the common basis [m, r] and the rows of both vectors in it, [2, r, n]."""
    both = np.hstack([sources.tau_vlm(name), sources.tau(name)])
    u, s, vh = svd(both)
    return u, np.stack(np.split(s[:, None] * vh, 2, axis=1))


def threshold(sources: RandomSources, place: int, density: float) -> float:
    """Returns the smallest magnitude that one vector keeps over all matrices."""
    rows = [abs(aligned(sources, name)[1][place]).ravel() for name in NAMES]
    falling = np.sort(np.concatenate(rows))[::-1]
    return float(falling[int(density * falling.size) - 1])


@EACH
@pytest.mark.parametrize("density", [0.2, 0.7])
def test_equals_the_algorithm(name: str, density: float) -> None:
    sources = RandomSources()
    u, rows = aligned(sources, name)
    limits = np.array([threshold(sources, place, density) for place in (0, 1)])
    # the last entry kept may be rounded to either side of its own magnitude
    kept = np.where(abs(rows) >= limits[:, None, None] * (1 - 1e-6), rows, 0)
    agree = kept * np.sign(kept.sum(0)) > 0
    mean = (kept * agree).sum(0) / np.maximum(agree.sum(0), 1)
    expected = vlm_base(sources, name) + 0.8 * u @ mean
    parameters = {"lambda": 0.8, "density": density}
    merged = method("knots_ties").merge(sources.inputs(name), parameters)
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@EACH
def test_one_vector_untrimmed_comes_back(name: str) -> None:
    tau = RandomSources().tau(name)
    matrix = made(name, 0 * tau, tau)
    merged = method("knots_ties").merge(matrix, {"lambda": 1.0, "density": 1.0})
    np.testing.assert_allclose(merged - matrix.w_vlm, tau, atol=1e-5)


def test_equal_vectors_without_full_rank_come_back_once() -> None:
    tau = low_rank(TALL, 3)
    matrix = made(TALL, tau, tau)
    merged = method("knots_ties").merge(matrix, {"lambda": 1.0, "density": 1.0})
    np.testing.assert_allclose(merged, matrix.w_vlm, atol=1e-5)


def test_nothing_kept_leaves_the_base() -> None:
    matrix = RandomSources().inputs(TALL)
    merged = method("knots_ties").merge(matrix, {"lambda": 1.0, "density": 0.0})
    assert torch.equal(merged, matrix.w_vlm - matrix.tau_vlm)


def test_vectors_of_zeros_leave_the_vlm() -> None:
    matrix = made(TALL, 0 * low_rank(TALL, 1), 0 * low_rank(TALL, 1))
    merged = method("knots_ties").merge(matrix, {"lambda": 1.0, "density": 1.0})
    assert torch.equal(merged, matrix.w_vlm)
