"""One gate for the model against numpy float64."""

from __future__ import annotations

from pathlib import Path

from tests.oracle_gates import assert_learned_merge, sigmoid
from tests.steps import PicoMerge


def test_all_matrices_share_a_gate(pico_merge: PicoMerge, tmp_path: Path) -> None:
    assert_learned_merge(
        pico_merge,
        tmp_path,
        "model_gate",
        lambda name, tau, svd, gates: sigmoid(gates["model"]) * tau,
    )
