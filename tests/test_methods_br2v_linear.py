"""BR2V's convex combination against its formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import CASES, VECTORS
from tests.tolerances import TOLERANCES


@pytest.mark.parametrize("a", [0.0, 0.9, 1.0])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, a: float) -> None:
    sources = CASES[case]()
    for name in (*sources.matrices, *VECTORS):
        merged = method("br2v_linear").merge(sources.inputs(name), {"a": a})
        vlm, lrm = (sources.weights[model][name] for model in ("vlm", "lrm"))
        np.testing.assert_allclose(
            merged.numpy(), a * vlm + (1 - a) * lrm, **TOLERANCES[torch.float32]
        )


@pytest.mark.parametrize("slug", ["br2v_linear", "layer_swap", "slerp"])
def test_interpolations_merge_norms_and_biases_and_need_no_base(slug: str) -> None:
    assert method(slug).vectors
    assert method(slug).needs == ()
