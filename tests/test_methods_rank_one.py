"""The norm-matched top direction against its formula in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import RandomSources
from tests.oracle_spectral import NAMES, TALL, low_rank, made, svd
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)


@EACH
def test_equals_the_formula(name: str) -> None:
    sources = RandomSources()
    tau = sources.tau(name)
    u, _, vh = svd(tau)
    expected = sources.weights["vlm"][name] + 0.05 * np.linalg.norm(tau) * u[:, :1] @ vh[:1]
    merged = method("rank_one").merge(sources.inputs(name), {"lambda": 0.05})
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_a_vector_of_rank_one_is_task_arithmetic() -> None:
    matrix = made(TALL, low_rank(TALL, 2), low_rank(TALL, 1))
    merged = method("rank_one").merge(matrix, {"lambda": 0.4})
    arithmetic = method("task_arithmetic").merge(matrix, {"lambda": 0.4})
    torch.testing.assert_close(merged, arithmetic, **TOLERANCES[torch.float32])


def test_a_vector_of_zeros_leaves_the_vlm() -> None:
    matrix = made(TALL, low_rank(TALL, 2), 0 * low_rank(TALL, 1))
    assert torch.equal(method("rank_one").merge(matrix, {"lambda": 0.4}), matrix.w_vlm)
