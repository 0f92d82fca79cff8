"""FRISM, and one gate per matrix, against Eq. 7 in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.oracle import Oracle
from tests.tolerances import TOLERANCES

SHAPES = pytest.mark.parametrize(("m", "n"), [(4, 6), (6, 4)])
BOTH = pytest.mark.parametrize("slug", ["frism", "matrix_gates"])


@SHAPES
def test_equals_the_formula(m: int, n: int) -> None:
    gate = np.random.default_rng(1).normal(size=min(m, n))
    oracle = Oracle(m, n, gate)
    merged = method("frism").merge(oracle.inputs, {"alpha": 1.0, "lambda_lrm": 0.7})
    u, s, vh = np.linalg.svd(oracle.tau, full_matrices=False)
    expected = oracle.w_vlm + 0.7 * u @ np.diag(s / (1 + np.exp(-gate))) @ vh
    # the subspaces are stored in float32
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@BOTH
@SHAPES
def test_open_gates_are_task_arithmetic(slug: str, m: int, n: int) -> None:
    oracle = Oracle(m, n, np.full(min(m, n), np.inf))
    merged = method(slug).merge(oracle.inputs, {"alpha": 1.0, "lambda_lrm": 0.6})
    arithmetic = method("task_arithmetic").merge(oracle.inputs, {"lambda": 0.6})
    torch.testing.assert_close(merged, arithmetic, **TOLERANCES[torch.float32])


@BOTH
@SHAPES
def test_closed_gates_are_the_vlm_bit_for_bit(slug: str, m: int, n: int) -> None:
    oracle = Oracle(m, n, np.full(min(m, n), -np.inf))
    merged = method(slug).merge(oracle.inputs, {"alpha": 1.0, "lambda_lrm": 1.0})
    assert np.array_equal(merged.numpy(), oracle.w_vlm)
