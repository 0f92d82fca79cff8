"""Spectra, orthogonalisation and what spectral methods must not do with large matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from frism.arithmetic.orthogonal import nearest_isometry
from frism.arithmetic.replacement import replace_task_vector
from frism.arithmetic.spectra import decomposed, significant, truncated
from frism.methods.registry import completed, method
from tests.matrix_sources import RandomSources
from tests.oracle_spectral import NAMES, TALL, low_rank
from tests.tolerances import TOLERANCES

SLUGS = {
    "star": {"lambda": 1.0},
    "rank_one": {"lambda": 1.0},
    "tsv_m": {"lambda": 1.0},
    "iso_c": {"lambda": 1.0},
    "iso_cts": {"lambda": 1.0},
    "wudi": {"lambda": 1.0},
    "consensus_ta": {"lambda": 1.0, "tall": 0.2},
    "knots_ties": {"lambda": 1.0, "density": 0.2},
    "ip_merging": {"lambda": 1.0, "threshold": -1.0},
    "frank_like": {"decay": 1.0},
}


class LargestTensor(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Remembers the number of entries of the largest tensor that any operation gave back."""

    entries = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        found = [each.numel() for each in tree_leaves(out) if isinstance(each, torch.Tensor)]
        self.entries = max([self.entries, *found])
        return out


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("shape", [(600, 80), (80, 600)])
def test_nothing_much_larger_than_the_matrix_is_formed(slug: str, shape: tuple[int, int]) -> None:
    name = "model.layers.1.mlp.up_proj.weight"
    matrix = RandomSources(shapes={name: shape}).inputs(name)
    with LargestTensor() as largest:  # type: ignore[no-untyped-call]
        merged = method(slug).merge(matrix, completed(method(slug), SLUGS[slug]))
    assert merged.shape == shape
    assert merged.dtype == torch.float32
    assert shape[0] * shape[1] <= largest.entries <= 3 * shape[0] * shape[1]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_factor_of_zero_leaves_the_vlm_or_its_base(slug: str, name: str) -> None:
    matrix = RandomSources().inputs(name)
    zero = dict.fromkeys(("lambda", "decay") & SLUGS[slug].keys(), 0.0)
    merged = method(slug).merge(matrix, completed(method(slug), {**SLUGS[slug], **zero}))
    one_donor = slug in ("star", "rank_one", "ip_merging", "frank_like")
    expected = matrix.w_vlm if one_donor else matrix.w_vlm - matrix.tau_vlm
    torch.testing.assert_close(merged, expected, **TOLERANCES[torch.float32])


@pytest.mark.parametrize("shape", [(7, 3), (3, 7)])
def test_the_nearest_isometry_is_orthonormal_and_nearer_than_others(shape: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(shape, generator=generator, dtype=torch.float64)
    nearest = nearest_isometry(matrix)
    tall = nearest if shape[0] > shape[1] else nearest.T
    torch.testing.assert_close(tall.T @ tall, torch.eye(3, dtype=torch.float64))
    for _ in range(5):
        other = torch.linalg.qr(torch.randn(7, 3, generator=generator, dtype=torch.float64))[0]
        other = other if shape[0] > shape[1] else other.T
        assert (nearest - matrix).norm() < (other - matrix).norm()


def test_dependent_columns_share_a_direction() -> None:
    column = torch.tensor([[3.0], [4.0]]) / 5
    nearest = nearest_isometry(torch.cat([column, column], dim=1))
    expected = torch.cat([column, column], dim=1).double() / 2**0.5
    torch.testing.assert_close(nearest, expected, **TOLERANCES[torch.float32])


def test_null_directions_are_left_out() -> None:
    sources = RandomSources()
    sources.weights["lrm"][TALL] = sources.weights["base"][TALL] + low_rank(TALL, 3)
    kept = significant(sources.subspace(TALL))
    assert [tuple(part.shape) for part in kept] == [(20, 3), (3,), (3, 12)]
    assert decomposed(torch.zeros(4, 6)).s.numel() == 0
    small = 1e-9 * torch.eye(3)
    assert decomposed(small).s.numel() == 3
    assert decomposed(small, scale=1.0).s.numel() == 0


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, [10.0, 0, 0]), (0.5, [10.0, 0, 0]), (0.6, [6.25, 3.75, 0]), (1.0, [5.0, 3, 2])],
)
def test_truncation_keeps_the_sum(share: float, expected: list[float]) -> None:
    values = truncated(torch.tensor([5.0, 3.0, 2.0]), share)
    torch.testing.assert_close(values, torch.tensor(expected))


def test_the_vlms_own_vector_in_its_place_is_the_vlm_bit_for_bit() -> None:
    matrix = RandomSources().inputs(TALL)
    again = replace_task_vector(matrix.w_vlm, matrix.tau_vlm, matrix.tau_vlm.double(), 1.0)
    assert torch.equal(again, matrix.w_vlm)
