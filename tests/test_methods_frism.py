"""FRISM against Eq. 7 in numpy float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from frism.checkpoints.names import split_name
from frism.methods.registry import completed, method
from tests.matrix_sources import SHAPES, Array, RandomSources
from tests.oracle_gates import FRISM, assert_learned_merge, sigmoid
from tests.steps import PicoMerge
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", SHAPES)


def gated(name: str, tau: Array, svd: tuple[Array, Array, Array], gates: dict[str, Array]) -> Array:
    u, s, vh = svd
    return u @ np.diag(sigmoid(gates[name]) * s) @ vh


def test_trained_gates_stand_before_singular_directions(
    pico_merge: PicoMerge, tmp_path: Path
) -> None:
    assert_learned_merge(pico_merge, tmp_path, "frism", gated)


@pytest.mark.parametrize("energy", [0.3, 0.9])
def test_directions_beyond_the_energy_stay_out(
    pico_merge: PicoMerge, tmp_path: Path, energy: float
) -> None:
    def leading(
        name: str, tau: Array, svd: tuple[Array, Array, Array], gates: dict[str, Array]
    ) -> Array:
        u, s, vh = svd
        kept = int((np.cumsum(s**2) < energy * np.sum(s**2)).sum()) + 1
        assert gates[name].shape == (kept,)
        return u[:, :kept] @ np.diag(sigmoid(gates[name]) * s[:kept]) @ vh[:kept]

    assert_learned_merge(pico_merge, tmp_path, "frism", leading, FRISM | {"energy": energy})


@pytest.mark.parametrize("modules", ["only_q", "without_down"])
def test_modules_that_are_left_out_stay_the_vlms(
    pico_merge: PicoMerge, tmp_path: Path, modules: str
) -> None:
    def some(
        name: str, tau: Array, svd: tuple[Array, Array, Array], gates: dict[str, Array]
    ) -> Array:
        projection = split_name(name)[2]
        if (projection == "q_proj") if modules == "only_q" else (projection != "down_proj"):
            return gated(name, tau, svd, gates)
        assert name not in gates
        return np.zeros_like(tau)

    assert_learned_merge(pico_merge, tmp_path, "frism", some, FRISM | {"modules": modules})


@EACH
def test_equals_the_formula(name: str) -> None:
    sources = RandomSources()
    parameters = completed(method("frism"), {"alpha": 1.0, "lambda_lrm": 0.7})
    merged = method("frism").merge(sources.inputs(name), parameters)
    u, s, vh = np.linalg.svd(sources.tau(name), full_matrices=False)
    expected = sources.weights["vlm"][name] + 0.7 * u @ np.diag(sources.gates[name] * s) @ vh
    # the subspaces are stored in float32
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@EACH
def test_open_gates_are_task_arithmetic_and_closed_ones_the_vlm(name: str) -> None:
    sources = RandomSources()
    parameters = completed(method("frism"), {"alpha": 1.0, "lambda_lrm": 0.6})
    sources.gates[name] = np.ones_like(sources.gates[name])
    opened = method("frism").merge(sources.inputs(name), parameters)
    arithmetic = method("task_arithmetic").merge(sources.inputs(name), {"lambda": 0.6})
    torch.testing.assert_close(opened.float(), arithmetic, **TOLERANCES[torch.float32])
    sources.gates[name] = np.zeros_like(sources.gates[name])
    closed = method("frism").merge(sources.inputs(name), parameters)
    assert np.array_equal(closed.numpy(), sources.weights["vlm"][name])
