"""One gate per eighth of the directions against numpy float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.matrix_sources import Array
from tests.oracle_gates import assert_learned_merge, sigmoid
from tests.steps import PicoMerge


def gated(name: str, tau: Array, svd: tuple[Array, Array, Array], gates: dict[str, Array]) -> Array:
    u, s, vh = svd
    values = np.repeat(sigmoid(gates[name]), len(s) // 8)
    return u @ np.diag(values * s) @ vh


def test_eighths_of_the_directions_share_a_gate(pico_merge: PicoMerge, tmp_path: Path) -> None:
    assert_learned_merge(pico_merge, tmp_path, "block_gates", gated)
