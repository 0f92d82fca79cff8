"""TSV-M against its formula in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.arithmetic.orthogonal import merged_singular_vectors
from frism.methods.registry import method
from tests.matrix_sources import RandomSources
from tests.oracle_spectral import NAMES, SQUARE, TALL, low_rank, made, polar, svd, vlm_base
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)


@EACH
def test_equals_the_formula(name: str) -> None:
    sources = RandomSources()
    parts = [svd(tau) for tau in (sources.tau_vlm(name), sources.tau(name))]
    k = len(parts[0][1]) // 2
    u = polar(np.hstack([part[0][:, :k] for part in parts]))
    s = np.concatenate([part[1][:k] for part in parts])
    vh = polar(np.vstack([part[2][:k] for part in parts]))
    expected = vlm_base(sources, name) + 0.8 * u @ np.diag(s) @ vh
    merged = method("tsv_m").merge(sources.inputs(name), {"lambda": 0.8})
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@EACH
def test_one_vector_comes_back(name: str) -> None:
    matrix = RandomSources().inputs(name)
    torch.testing.assert_close(
        merged_singular_vectors([matrix.subspace]).float(),
        matrix.tau,
        **TOLERANCES[torch.float32],
    )


@EACH
def test_beside_a_vector_of_zeros_the_leading_half_comes_back(name: str) -> None:
    tau = RandomSources().tau(name)
    matrix = made(name, 0 * tau, tau)
    u, s, vh = svd(tau)
    k = len(s) // 2
    added = method("tsv_m").merge(matrix, {"lambda": 1.0}) - matrix.w_vlm
    np.testing.assert_allclose(added, u[:, :k] @ np.diag(s[:k]) @ vh[:k], atol=1e-5)


def test_equal_vectors_and_vectors_without_full_rank_are_merged_once() -> None:
    tau = low_rank(TALL, 3)
    matrix = made(TALL, tau, tau)
    merged = method("tsv_m").merge(matrix, {"lambda": 1.0})
    np.testing.assert_allclose(merged, matrix.w_vlm, atol=1e-5)


def test_vectors_that_do_not_touch_are_added() -> None:
    left, right = np.diag([3.0] * 6 + [0.0] * 6), np.diag([0.0] * 6 + [2.0] * 6)
    matrix = made(SQUARE, left, right)
    merged = method("tsv_m").merge(matrix, {"lambda": 1.0})
    np.testing.assert_allclose(merged - matrix.w_vlm, right, atol=1e-5)


def test_vectors_of_zeros_leave_the_vlm() -> None:
    matrix = made(TALL, 0 * low_rank(TALL, 1), 0 * low_rank(TALL, 1))
    assert torch.equal(method("tsv_m").merge(matrix, {"lambda": 1.0}), matrix.w_vlm)
