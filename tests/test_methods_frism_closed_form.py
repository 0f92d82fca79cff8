"""Gates in closed form against numpy float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from frism.checkpoints.names import split_name
from frism.methods.registry import completed, method
from tests.matrix_sources import SHAPES, Array, RandomSources
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", SHAPES)
METHOD = method("frism_closed_form")


def merged(sources: RandomSources, name: str, **parameters: Any) -> Array:
    given = completed(METHOD, {"alpha": 0.3, "lambda_lrm": 0.8} | parameters)
    return np.asarray(METHOD.merge(sources.inputs(name), given).double().numpy(), np.float64)


def gates(sources: RandomSources, name: str, rule: str, harm: Array, alpha: float) -> Array:
    """Returns the gates from c^2 h and what the injection loss sets against it."""
    spectra = [np.linalg.svd(sources.tau(each), compute_uv=False) for each in SHAPES]
    own = np.linalg.svd(sources.tau(name), compute_uv=False)
    a = 2 * alpha * own**2 / sum((s**2).sum() for s in spectra)
    if rule == "stationary":
        return np.asarray(np.where(a > harm, 1.0, 0.0), np.float64)
    return np.asarray(a / (a + np.maximum(harm, 0)), np.float64)


@EACH
@pytest.mark.parametrize("rule", ["stationary", "ratio"])
@pytest.mark.parametrize("curvature", ["secant", "diagonal"])
def test_equals_the_formula(name: str, rule: str, curvature: str) -> None:
    sources = RandomSources()
    # of the size of what the injection loss sets against it
    for each in (sources.secants, sources.curvatures):
        each[name] = each[name] / 100
    h = sources.secants[name] if curvature == "secant" else sources.curvatures[name]
    values = gates(sources, name, rule, 0.8**2 * h, 0.3)
    assert 0 < values.mean() < 1
    u, s, vh = np.linalg.svd(sources.tau(name), full_matrices=False)
    expected = sources.weights["vlm"][name] + 0.8 * u @ np.diag(values * s) @ vh
    found = merged(sources, name, rule=rule, curvature=curvature)
    np.testing.assert_allclose(found, expected, **TOLERANCES[torch.float32])


@EACH
def test_stationary_gates_minimise_the_loss_on_the_box(name: str) -> None:
    """Against a search over sigma in [0, 1], direction by direction."""
    sources = RandomSources()
    sources.curvatures[name] = sources.curvatures[name] / 100
    sigma = np.linspace(0, 1, 11)
    found = gates(sources, name, "stationary", sources.curvatures[name], 0.3)
    spectra = [np.linalg.svd(sources.tau(each), compute_uv=False) for each in SHAPES]
    energy = np.linalg.svd(sources.tau(name), compute_uv=False) ** 2
    share = energy / sum((s**2).sum() for s in spectra)
    loss = np.outer(0.5 * sources.curvatures[name] - 0.3 * share, sigma**2)
    np.testing.assert_array_equal(found, sigma[loss.argmin(axis=1)])


@EACH
@pytest.mark.parametrize("rule", ["stationary", "ratio"])
def test_extremes(name: str, rule: str) -> None:
    sources = RandomSources()
    sources.secants[name] = np.abs(sources.secants[name])
    closed = merged(sources, name, rule=rule, alpha=0.0)
    assert np.array_equal(closed, sources.weights["vlm"][name])
    sources.secants[name] = -sources.secants[name]
    opened = merged(sources, name, rule=rule, alpha=1e-3)
    expected = sources.weights["vlm"][name] + 0.8 * sources.tau(name)
    np.testing.assert_allclose(opened, expected, **TOLERANCES[torch.float32])


def test_restriction_keeps_leading_directions_and_some_modules() -> None:
    sources = RandomSources()
    for name in SHAPES:
        sources.secants[name] = -np.ones_like(sources.secants[name])  # all open
        u, s, vh = np.linalg.svd(sources.tau(name), full_matrices=False)
        kept = int((np.cumsum(s**2) < 0.6 * np.sum(s**2)).sum()) + 1
        if split_name(name)[2] != "up_proj":
            kept = 0
        expected = sources.weights["vlm"][name] + 0.8 * (u[:, :kept] * s[:kept]) @ vh[:kept]
        found = merged(sources, name, energy=0.6, modules="only_up")
        np.testing.assert_allclose(found, expected, **TOLERANCES[torch.float32])


def test_without_curvature_the_method_is_undefined() -> None:
    assert METHOD.undefined({"vlm_base"}) == (
        "needs the curvature of each singular direction; run `frism curvature`"
    )
    assert METHOD.undefined({"curvature"}) is None
