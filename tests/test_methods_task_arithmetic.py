"""Task Arithmetic against its formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.oracle import Oracle
from tests.tolerances import TOLERANCES


@pytest.mark.parametrize("factor", [0.0, 0.3, 1.0])
def test_equals_the_formula(factor: float) -> None:
    oracle = Oracle(4, 6, np.zeros(4))
    merged = method("task_arithmetic").merge(oracle.inputs, {"lambda": factor})
    expected = oracle.w_vlm + factor * (oracle.w_lrm - oracle.w_base)
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float64])
