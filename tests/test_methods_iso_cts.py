"""Iso-CTS against its algorithm in numpy float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.arithmetic.orthogonal import isotropic, isotropic_with_tasks, split_rank
from frism.methods.registry import method
from tests.matrix_sources import RandomSources
from tests.oracle_spectral import NAMES, TALL, low_rank, made, polar, svd, vlm_base
from tests.tolerances import TOLERANCES

EACH = pytest.mark.parametrize("name", NAMES)


@EACH
@pytest.mark.parametrize(("share", "own"), [(0.8, 2), (0.5, 3), (0.0, 6)])
def test_equals_the_algorithm(name: str, share: float, own: int) -> None:
    sources = RandomSources()
    taus = [sources.tau_vlm(name), sources.tau(name)]
    u, s, vh = (part.copy() for part in svd(taus[0] + taus[1]))
    common = len(s) - 2 * own
    basis = u[:, :common]
    for place, tau in enumerate(taus):
        left, values, right = svd(tau - basis @ basis.T @ tau)
        where = slice(common + place * own, common + (place + 1) * own)
        u[:, where], s[where], vh[where] = left[:, :own], values[:own], right[:own]
    expected = vlm_base(sources, name) + 0.9 * s.mean() * polar(u) @ polar(vh)
    merged = method("iso_cts").merge(sources.inputs(name), {"lambda": 0.9, "common": share})
    np.testing.assert_allclose(merged.numpy(), expected, **TOLERANCES[torch.float32])


@EACH
def test_all_common_is_iso_c(name: str) -> None:
    matrix = RandomSources().inputs(name)
    merged = method("iso_cts").merge(matrix, {"lambda": 1.2, "common": 1.0})
    iso_c = method("iso_c").merge(matrix, {"lambda": 1.2})
    torch.testing.assert_close(merged, iso_c, **TOLERANCES[torch.float32])


@EACH
def test_of_one_vector_common_and_own_are_the_same(name: str) -> None:
    tau = RandomSources().inputs(name).tau
    torch.testing.assert_close(isotropic_with_tasks([tau], 0.8), isotropic(tau))


@pytest.mark.parametrize(
    ("rank", "models", "share", "expected"),
    [(96, 2, 0.8, (76, 10)), (48, 2, 0.8, (38, 5)), (3, 2, 0.0, (1, 1)), (1, 2, 0.0, (1, 0))],
)
def test_the_rank_is_split_evenly(
    rank: int, models: int, share: float, expected: tuple[int, int]
) -> None:
    assert split_rank(rank, models, share) == expected


def test_equal_vectors_without_full_rank_have_nothing_of_their_own() -> None:
    tau = low_rank(TALL, 3)
    matrix = made(TALL, tau, tau)
    merged = method("iso_cts").merge(matrix, {"lambda": 1.0, "common": 0.8})
    iso_c = method("iso_c").merge(matrix, {"lambda": 1.0})
    torch.testing.assert_close(merged, iso_c, **TOLERANCES[torch.float32])


def test_vectors_of_zeros_leave_the_vlm() -> None:
    matrix = made(TALL, 0 * low_rank(TALL, 1), 0 * low_rank(TALL, 1))
    merged = method("iso_cts").merge(matrix, {"lambda": 1.0, "common": 0.8})
    assert torch.equal(merged, matrix.w_vlm)
