"""Task vectors and subspaces against numpy in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.errors import MergeError
from frism.subspaces.decomposition import Subspace, compose, decompose
from frism.subspaces.task_vector import relative_norm, task_vector
from tests.tolerances import TOLERANCES

SHAPES = [(6, 4), (4, 6), (5, 5), (1, 3)]


def random_matrix(m: int, n: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(m, n))).float()


@pytest.mark.parametrize(("m", "n"), SHAPES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_decomposition_rebuilds_the_task_vector(m: int, n: int, dtype: torch.dtype) -> None:
    tau = random_matrix(m, n)
    u, s, vh = (part.double().numpy() for part in decompose("w", tau, dtype))
    assert s.shape == (min(m, n),)
    np.testing.assert_allclose(
        u @ np.diag(s) @ vh, tau.double().numpy(), **TOLERANCES[torch.float32]
    )
    np.testing.assert_allclose(
        s, np.linalg.svd(tau.double().numpy(), compute_uv=False), **TOLERANCES[torch.float32]
    )


@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_directions_are_orthonormal_and_their_signs_fixed(m: int, n: int) -> None:
    u, _, vh = decompose("w", random_matrix(m, n))
    identity = torch.eye(min(m, n))
    torch.testing.assert_close(u.T @ u, identity, **TOLERANCES[torch.float32])
    torch.testing.assert_close(vh @ vh.T, identity, **TOLERANCES[torch.float32])
    assert (u.gather(0, u.abs().argmax(dim=0, keepdim=True)) > 0).all()


def test_decomposition_of_zero_is_finite() -> None:
    u, s, vh = decompose("w", torch.zeros(3, 2))
    assert torch.equal(s, torch.zeros(2))
    assert torch.isfinite(u).all()
    assert torch.isfinite(vh).all()


@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_compose_equals_the_formula(m: int, n: int) -> None:
    rank, rng = min(m, n), np.random.default_rng(1)
    u, vh, w = rng.normal(size=(m, rank)), rng.normal(size=(rank, n)), rng.normal(size=(m, n))
    values = rng.normal(size=rank)
    subspace = Subspace(*(torch.from_numpy(x) for x in (u, values, vh)))
    ours = compose(subspace, torch.from_numpy(values), torch.from_numpy(w), 0.7)
    np.testing.assert_allclose(
        ours.numpy(), w + 0.7 * u @ np.diag(values) @ vh, **TOLERANCES[torch.float64]
    )


def test_task_vector_is_the_difference_in_float32() -> None:
    tuned, base = random_matrix(3, 4).bfloat16(), random_matrix(3, 4, seed=1).bfloat16()
    tau = task_vector("w", tuned, base)
    assert tau.dtype == torch.float32
    np.testing.assert_allclose(
        tau.numpy(), tuned.double().numpy() - base.double().numpy(), **TOLERANCES[torch.float32]
    )


def test_relative_norm() -> None:
    assert relative_norm(torch.tensor([[3.0, 4.0]]), torch.tensor([[6.0, 8.0]])) == 0.5


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_broken_values_are_named(value: float) -> None:
    broken = torch.zeros(2, 3)
    broken[1, 2] = value
    with pytest.raises(MergeError, match=r"tensor 'layer\.w' has 1 values .* of 6"):
        decompose("layer.w", broken)
    with pytest.raises(MergeError, match=r"tensor 'layer\.w'"):
        task_vector("layer.w", broken, torch.zeros(2, 3))


def test_differing_shapes_are_named() -> None:
    with pytest.raises(MergeError, match=r"'layer\.w' has shape \[2, 3\] .* \[3, 2\]"):
        task_vector("layer.w", torch.zeros(2, 3), torch.zeros(3, 2))


def test_a_sum_that_overflows_is_no_infinite_weight() -> None:
    base = torch.zeros(2, 2)
    tau = task_vector("a", torch.full((2, 2), 3e38), base)
    assert torch.isinf(tau.sum())
    assert torch.equal(tau, torch.full((2, 2), 3e38))
    with pytest.raises(MergeError, match="'a' has 1 values that are infinite or not a number, of"):
        task_vector("a", torch.tensor([[torch.inf, 1], [2, 3]]), base)
