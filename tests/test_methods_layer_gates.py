"""One gate per layer against numpy float64."""

from __future__ import annotations

from pathlib import Path

from tests.oracle_gates import assert_learned_merge, layer, sigmoid
from tests.steps import PicoMerge


def test_matrices_of_a_layer_share_a_gate(pico_merge: PicoMerge, tmp_path: Path) -> None:
    assert_learned_merge(
        pico_merge,
        tmp_path,
        "layer_gates",
        lambda name, tau, svd, gates: sigmoid(gates[layer(name)]) * tau,
    )
