"""Consensus Task Arithmetic against its formula in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.methods.registry import method
from tests.matrix_sources import RandomSources
from tests.oracle_spectral import NAMES, TALL, low_rank, made, vlm_base
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)


@EACH
@pytest.mark.parametrize(("tall", "agree"), [(0.2, 2), (0.6, 2), (1.5, 1)])
def test_equals_the_formula(name: str, tall: float, agree: int) -> None:
    sources = RandomSources()
    own, donated = sources.tau_vlm(name), sources.tau(name)
    votes = (abs(own) >= tall * abs(donated)).astype(int) + (abs(donated) >= tall * abs(own))
    kept = np.where(votes >= agree, own + donated, 0)
    assert 0 < (kept == 0).sum() < kept.size
    expected = vlm_base(sources, name) + 0.8 * kept
    parameters = {"lambda": 0.8, "tall": tall, "agree": float(agree)}
    merged = method("consensus_ta").merge(sources.inputs(name), parameters)
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@EACH
def test_where_everything_counts_it_is_task_arithmetic(name: str) -> None:
    matrix = RandomSources().inputs(name)
    merged = method("consensus_ta").merge(matrix, {"lambda": 1.0, "tall": 0.0, "agree": 2.0})
    arithmetic = method("task_arithmetic").merge(matrix, {"lambda": 1.0})
    torch.testing.assert_close(merged, arithmetic, **TOLERANCES[torch.float32])


def test_with_two_tasks_a_tall_of_more_than_one_leaves_the_base() -> None:
    matrix = RandomSources().inputs(TALL)
    merged = method("consensus_ta").merge(matrix, {"lambda": 1.0, "tall": 1.1, "agree": 2.0})
    assert torch.equal(merged, matrix.w_vlm - matrix.tau_vlm)


def test_what_one_task_alone_changes_is_selfish() -> None:
    tau = low_rank(TALL, 3)
    alone = made(TALL, tau, 0 * tau)
    both = {"lambda": 1.0, "tall": 0.2, "agree": 2.0}
    merged = method("consensus_ta").merge(alone, both)
    assert torch.equal(merged, alone.w_vlm - alone.tau_vlm)
    merged = method("consensus_ta").merge(alone, {**both, "agree": 1.0})
    assert torch.equal(merged, alone.w_vlm)
