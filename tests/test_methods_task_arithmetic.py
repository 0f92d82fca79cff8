"""Task Arithmetic against its formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import CASES
from tests.tolerances import TOLERANCES


@pytest.mark.parametrize("factor", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, factor: float) -> None:
    sources = CASES[case]()
    for name in sources.matrices:
        merged = method("task_arithmetic").merge(sources.inputs(name), {"lambda": factor})
        weights = {model: each[name] for model, each in sources.weights.items()}
        expected = weights["vlm"] + factor * (weights["lrm"] - weights["base"])
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])
