"""The mean of FRISM's gates against numpy float64."""

from __future__ import annotations

from pathlib import Path

from tests.oracle_gates import FRISM, assert_learned_merge, sigmoid
from tests.steps import PicoMerge


def test_each_matrix_is_injected_with_its_mean_gate(pico_merge: PicoMerge, tmp_path: Path) -> None:
    assert_learned_merge(
        pico_merge,
        tmp_path,
        "frism_mean",
        lambda name, tau, svd, gates: sigmoid(gates[name]).mean() * tau,
    )


def test_the_mean_is_over_the_directions_that_are_kept(
    pico_merge: PicoMerge, tmp_path: Path
) -> None:
    assert_learned_merge(
        pico_merge,
        tmp_path,
        "frism_mean",
        lambda name, tau, svd, gates: (
            sigmoid(gates[name]).mean()
            * (svd[0][:, : gates[name].size] * svd[1][: gates[name].size])
            @ svd[2][: gates[name].size]
        ),
        FRISM | {"energy": 0.7},
    )
