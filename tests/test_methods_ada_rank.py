"""AdaRank-like masks against numpy float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.matrix_sources import Array
from tests.oracle_gates import assert_learned_merge
from tests.steps import PicoMerge


def masked(
    name: str, tau: Array, svd: tuple[Array, Array, Array], gates: dict[str, Array]
) -> Array:
    u, s, vh = svd
    on = gates[name] > 0
    assert 0 < on.sum() < on.size, "all masks alike would test little"
    return np.asarray(u[:, on] @ np.diag(s[on]) @ vh[on], np.float64)


def test_masks_are_on_or_off(pico_merge: PicoMerge, tmp_path: Path) -> None:
    parameters = {"lambda_lrm": 0.8, "learning_rate": 0.2}
    assert_learned_merge(pico_merge, tmp_path, "ada_rank", masked, parameters)
