"""BR2V's layer swap against its rule, for models of several depths."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import CASES, VECTORS, RandomSources
from tests.tolerances import TOLERANCES

DEFAULT = {"a": 0.9, "depth": 0.2}


@pytest.mark.parametrize(("depth", "kept"), [(0.0, 0), (0.2, 1), (0.7, 2), (1.0, 3)])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_rule(case: str, depth: float, kept: int) -> None:
    sources = CASES[case]()
    for name in (*sources.matrices, *VECTORS):
        merged = method("layer_swap").merge(sources.inputs(name), {"a": 0.6, "depth": depth})
        vlm, lrm = (sources.weights[model][name] for model in ("vlm", "lrm"))
        layer = 3 if name == "model.norm.weight" else int(name.split(".")[2])
        expected = vlm if layer < kept else 0.6 * vlm + 0.4 * lrm
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


# the authors keep layers 0 to 5 of models of 28 and 32 layers
@pytest.mark.parametrize(("layers", "kept"), [(3, 1), (28, 6), (32, 6), (36, 7)])
def test_the_default_fits_all_depths(layers: int, kept: int) -> None:
    names = [f"model.layers.{layer}.mlp.up_proj.weight" for layer in range(layers)]
    sources = RandomSources(shapes=dict.fromkeys(names, (2, 3)))
    merged = [method("layer_swap").merge(sources.inputs(name), DEFAULT) for name in names]
    same = [torch.equal(each, sources.vlm(name)) for each, name in zip(merged, names, strict=True)]
    assert same == [True] * kept + [False] * (layers - kept)
