"""One gate per group of heads against numpy float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.matrix_sources import Array
from tests.oracle_gates import assert_learned_merge, sigmoid
from tests.steps import PicoMerge


def gated(name: str, tau: Array, svd: tuple[Array, Array, Array], gates: dict[str, Array]) -> Array:
    """Two key-value heads; four query heads, of which two share one."""
    values = sigmoid(gates[name])
    projection = name.split(".")[-2]
    if projection in ("q_proj", "k_proj", "v_proj"):
        return np.vstack([values[k] * part for k, part in enumerate(np.split(tau, 2))])
    if projection == "o_proj":
        return np.hstack([values[k] * part for k, part in enumerate(np.split(tau, 2, axis=1))])
    return values * tau


def test_query_heads_go_with_their_key_value_head(pico_merge: PicoMerge, tmp_path: Path) -> None:
    assert_learned_merge(pico_merge, tmp_path, "head_gates", gated)
