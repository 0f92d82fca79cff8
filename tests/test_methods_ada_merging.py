"""Layer-wise AdaMerging against numpy float64."""

from __future__ import annotations

from pathlib import Path

from tests.oracle_gates import assert_learned_merge, layer
from tests.steps import PicoMerge


def test_coefficients_of_layers_are_used_as_they_are(pico_merge: PicoMerge, tmp_path: Path) -> None:
    assert_learned_merge(
        pico_merge,
        tmp_path,
        "ada_merging",
        lambda name, tau, svd, gates: gates[layer(name)] * tau,
        {"initial": 0.3, "learning_rate": 0.1},
        scale=1.0,
    )
