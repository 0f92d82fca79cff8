"""FRANK-like against its formula in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.checkpoints.names import layer_of
from frism.methods.frank_like import coefficients
from frism.methods.registry import method
from tests.matrix_sources import Array, RandomSources
from tests.oracle_spectral import NAMES, vlm_base
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)
FIRST, MIDDLE, LAST = NAMES[0], NAMES[2], NAMES[3]


def energy(vectors: list[Array]) -> float:
    """Returns the squared Frobenius norm of several matrices together."""
    return sum(float(np.linalg.norm(vector)) ** 2 for vector in vectors)


@EACH
@pytest.mark.parametrize("decay", [0.1, 2.0])
def test_equals_the_formula(name: str, decay: float) -> None:
    sources = RandomSources()
    layer = [each for each in NAMES if layer_of(each) == layer_of(name)]
    prior = np.exp(-decay * {0: 1 / 3, 1: 2 / 3, 2: 1.0}[int(name.split(".")[2])])
    own = prior * energy([sources.tau_vlm(each) for each in layer])
    donated = (1 - prior) * energy([sources.tau(each) for each in layer])
    mean = (own * sources.tau_vlm(name) + donated * sources.tau(name)) / (own + donated)
    expected = vlm_base(sources, name) + mean
    merged = method("frank_like").merge(sources.inputs(name), {"decay": decay})
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@EACH
def test_a_flat_prior_leaves_the_vlm(name: str) -> None:
    matrix = RandomSources().inputs(name)
    assert torch.equal(method("frank_like").merge(matrix, {"decay": 0.0}), matrix.w_vlm)


def test_the_lrms_share_grows_with_depth_and_decay() -> None:
    sources = RandomSources()
    shares = [coefficients(sources.inputs(name), 1.0)[1] for name in (FIRST, MIDDLE, LAST)]
    assert shares == sorted(shares)
    assert coefficients(sources.inputs(LAST), 1.0)[1] < coefficients(sources.inputs(LAST), 3.0)[1]
    assert sum(coefficients(sources.inputs(MIDDLE), 1.0)) == pytest.approx(1.0)


def test_layers_without_task_vectors_stay_the_vlms() -> None:
    sources = RandomSources(shapes={FIRST: (12, 12), LAST: (20, 12)})
    for model, origin in (("vlm", "vlm_base"), ("lrm", "base")):
        sources.weights[model][LAST] = sources.weights[origin][LAST]
    matrix = sources.inputs(LAST)
    assert torch.equal(method("frank_like").merge(matrix, {"decay": 1.0}), matrix.w_vlm)
