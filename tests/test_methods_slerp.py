"""SLERP against numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import CASES, VECTORS, Array, RandomSources
from tests.tolerances import TOLERANCES

NAME = "model.layers.0.mlp.up_proj.weight"


def oracle(t: float, first: Array, second: Array) -> Array:
    """Returns the point of the arc in the plane of two vectors, by an orthogonal basis of it."""
    length = np.linalg.norm(first), np.linalg.norm(second)
    along = first / length[0]
    across = second / length[1] - along * (along * second).sum() / length[1]
    theta = np.arctan2(np.linalg.norm(across), (along * second).sum() / length[1])
    across = across / np.linalg.norm(across)
    # on the unit circle the point at angle t theta; each end weighs with its own length
    share = np.sin(t * theta) / np.sin(theta)
    point = np.cos(t * theta) * along + np.sin(t * theta) * across
    unit_second = np.cos(theta) * along + np.sin(theta) * across
    arc: Array = length[0] * (point - share * unit_second) + length[1] * share * unit_second
    return arc


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_formula(case: str, t: float) -> None:
    sources = CASES[case]()
    for name in (*sources.matrices, *VECTORS):
        merged = method("slerp").merge(sources.inputs(name), {"t": t})
        expected = oracle(t, sources.weights["vlm"][name], sources.weights["lrm"][name])
        np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@pytest.mark.parametrize("sign", [1, -1])
def test_nearly_parallel_tensors_are_interpolated_on_a_line(sign: int) -> None:
    sources = RandomSources()
    vlm, lrm = (sources.weights[model] for model in ("vlm", "lrm"))
    lrm[NAME] = sign * (3 * vlm[NAME] + 0.01 * lrm[NAME])
    merged = method("slerp").merge(sources.inputs(NAME), {"t": 0.25})
    expected = 0.75 * vlm[NAME] + 0.25 * lrm[NAME]
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


def test_of_equal_tensors_nothing_changes() -> None:
    sources = RandomSources()
    sources.weights["lrm"] = sources.weights["vlm"]
    merged = method("slerp").merge(sources.inputs(NAME), {"t": 0.5})
    torch.testing.assert_close(merged, sources.vlm(NAME), **TOLERANCES[torch.float32])


def test_a_tensor_of_zeros_is_at_a_right_angle_to_all() -> None:
    sources = RandomSources()
    bias = "model.norm.weight"
    sources.weights["vlm"][bias] = np.zeros(12)
    merged = method("slerp").merge(sources.inputs(bias), {"t": 1 / 3})
    expected = 0.5 * sources.weights["lrm"][bias]
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])
    sources.weights["lrm"][bias] = np.zeros(12)
    assert method("slerp").merge(sources.inputs(bias), {"t": 0.5}).tolist() == [0.0] * 12
