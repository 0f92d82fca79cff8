"""The decomposition of large matrices, and what is measured on it, against numpy in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from frism.errors import MergeError
from frism.subspaces import gram as levels
from frism.subspaces import products
from frism.subspaces.decomposition import (
    SMALL,
    Subspace,
    decompose,
    orthogonality_error,
    reconstruction_error,
    truncate,
)
from frism.subspaces.gram import gram_svd
from tests.tolerances import TOLERANCES

# of norms, and of the entries of Q^T Q - I
EXACT = TOLERANCES[torch.float32]["atol"]
Array = NDArray[np.float64]


def random(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).normal(size=shape)


def orthonormal(m: int, n: int) -> Array:
    return np.linalg.qr(random(m, n))[0]


def with_spectrum(m: int, n: int, s: Array) -> Array:
    return (orthonormal(m, len(s)) * s) @ orthonormal(n, len(s)).T


def falling(count: int, lowest: float) -> Array:
    return np.logspace(0, lowest, count)


def whole_numbers(m: int, n: int, rank: int) -> Array:
    """A matrix of exactly this rank, in float32 too."""
    rng = np.random.default_rng(0)
    left, right = rng.integers(-3, 4, (m, rank)), rng.integers(-3, 4, (rank, n))
    return (left @ right).astype(np.float64)


MATRICES = {
    "wide": random(60, 150),
    "tall": random(150, 60),
    "square": random(90, 90),
    "one row": random(1, 40),
    "one column": random(40, 1),
    "one entry": random(1, 1),
    "zero": np.zeros((20, 50)),
    "identity": np.eye(30, 40),
    "decaying": with_spectrum(70, 120, falling(70, -9)),
    "decaying tall": with_spectrum(120, 70, falling(70, -9)),
    "decaying rows": random(80, 100) * falling(80, -30)[:, None],
    "decaying columns": random(80, 100) * falling(100, -30),
    "repeated": with_spectrum(60, 90, np.repeat([4.0, 1.0, 0.25], 20)),
    "repeated and small": with_spectrum(60, 90, np.repeat([1.0, 1e-4, 1e-7], 20)),
    "low rank and rounding": random(80, 5) @ random(5, 200),
    "low rank and noise": random(70, 3) @ random(3, 90) + 1e-5 * random(70, 90),
    "exactly low rank": whole_numbers(80, 200, 5),
    "exactly low rank, tall": whole_numbers(200, 80, 5),
    "rank one": np.ones((40, 60)),
    "half of the rows zero": np.vstack([random(30, 90), np.zeros((30, 90))]),
    "nearly null": with_spectrum(40, 60, falling(40, -14)),
    "tiny": 1e-30 * random(50, 80),
    "huge": 1e30 * random(50, 80),
    "larger": random(300, 420),
    "larger, low rank and rounding": random(300, 16) @ random(16, 420),
    "larger, exactly low rank": whole_numbers(300, 420, 16),
    "larger, zero": np.zeros((300, 420)),
}


def single(matrix: Array) -> torch.Tensor:
    return torch.from_numpy(matrix).float()


def check(matrix: torch.Tensor, parts: tuple[torch.Tensor, ...]) -> None:
    """Compares a decomposition with numpy's, and its factors with what they have to be."""
    u, s, vh = (part.double().numpy() for part in parts)
    tau = matrix.double().numpy()
    rank, norm = min(tau.shape), np.linalg.norm(tau)
    assert (u.shape, s.shape, vh.shape) == ((len(tau), rank), (rank,), (rank, tau.shape[1]))
    expected = np.linalg.svd(tau, compute_uv=False)
    np.testing.assert_allclose(s, expected, rtol=EXACT, atol=EXACT * expected[0])
    assert (np.diff(s) <= 0).all()
    assert (s >= 0).all()
    assert np.linalg.norm((u * s) @ vh - tau) <= EXACT * norm
    np.testing.assert_allclose(u.T @ u, np.eye(rank), atol=EXACT)
    np.testing.assert_allclose(vh @ vh.T, np.eye(rank), atol=EXACT)


@pytest.mark.parametrize("kind", MATRICES)
def test_decomposition_equals_numpys(kind: str) -> None:
    matrix = single(MATRICES[kind])
    before = matrix.clone()
    parts = gram_svd(matrix)
    check(matrix, parts)
    assert torch.equal(matrix, before)
    assert all(part.dtype == torch.float32 and part.is_contiguous() for part in parts)


@pytest.mark.parametrize("kind", ["wide", "tall", "decaying", "exactly low rank, tall"])
def test_chunks_and_blocks_change_nothing(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "CHUNK", 1000)
    monkeypatch.setattr(levels, "CHUNK", 1000)
    monkeypatch.setattr(products, "BLOCK", 7)
    check(single(MATRICES[kind]), gram_svd(single(MATRICES[kind])))


def test_small_singular_values_are_exact_in_proportion() -> None:
    matrix = single(random(80, 100) * falling(80, -9)[:, None])
    expected = np.linalg.svd(matrix.double().numpy(), compute_uv=False)
    np.testing.assert_allclose(gram_svd(matrix)[1].numpy(), expected, rtol=EXACT)


def test_null_directions_have_the_value_zero() -> None:
    s = gram_svd(single(MATRICES["exactly low rank"]))[1]
    assert int((s > 0).sum()) == 5


@pytest.mark.parametrize("kind", ["larger", "larger, low rank and rounding", "exactly low rank"])
def test_the_same_bits_twice(kind: str) -> None:
    matrix = single(MATRICES[kind])
    torch.manual_seed(1)
    first = gram_svd(matrix)
    torch.manual_seed(2)
    assert all(torch.equal(a, b) for a, b in zip(first, gram_svd(matrix), strict=True))


def test_coarse_float32_products_are_not_used() -> None:
    matrix = single(MATRICES["larger"])
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        error = reconstruction_error(matrix, Subspace(*gram_svd(matrix)))
    finally:
        torch.set_float32_matmul_precision(before)
    # float32's rounding of the factors is all that is left
    assert error < 6e-8


@pytest.mark.parametrize("shape", [(300, 420), (420, 300)])
def test_large_matrices_are_decomposed_with_fixed_signs(shape: tuple[int, int]) -> None:
    tau = single(random(*shape))
    assert min(shape) ** 2 * max(shape) > SMALL
    subspace = decompose("w", tau)
    check(tau, subspace)
    u = subspace.u
    assert (u.gather(0, u.abs().argmax(dim=0, keepdim=True)) > 0).all()
    assert orthogonality_error(subspace) < 2e-7


def test_small_matrices_are_lapacks() -> None:
    tau = single(random(96, 192))
    _, s, _ = decompose("w", tau)
    assert torch.equal(s, torch.linalg.svd(tau, full_matrices=False).S)


@pytest.mark.parametrize("shape", [(4, 5), (200, 300), (300, 420)])
def test_what_does_not_converge_is_named(shape: tuple[int, int]) -> None:
    tau = torch.full(shape, 1e200, dtype=torch.float64)  # beyond float32
    found = rf"'layer\.w', shape \[{shape[0]}, {shape[1]}\], did not converge .* 1e\+200"
    with pytest.raises(MergeError, match=found):
        decompose("layer.w", tau)


def test_broken_values_of_large_matrices_are_named() -> None:
    tau = single(random(300, 420))
    tau[7, 5] = float("nan")
    with pytest.raises(MergeError, match=r"'layer\.w' has 1 values"):
        decompose("layer.w", tau)


@pytest.mark.parametrize(
    ("rank", "energy", "kept"),
    # squares 16, 9, 4, 1 of 30
    [(0, 1.0, 4), (2, 1.0, 2), (9, 1.0, 4), (0, 0.5, 1), (0, 0.9, 3), (2, 0.9, 2), (3, 0.5, 1)],
)
def test_truncation_keeps_the_fewest_leading_directions(
    rank: int, energy: float, kept: int
) -> None:
    whole = decompose("w", single(with_spectrum(6, 4, np.array([4.0, 3.0, 2.0, 1.0]))))
    u, s, vh = truncate(whole, rank, energy)
    assert torch.equal(u, whole.u[:, :kept])
    assert torch.equal(s, whole.s[:kept])
    assert torch.equal(vh, whole.vh[:kept])


def test_what_is_truncated_takes_no_memory() -> None:
    whole = decompose("w", single(random(20, 30)))
    for part in truncate(whole, 5, 1.0):
        assert part.untyped_storage().nbytes() == part.numel() * part.element_size()
        assert part.is_contiguous()


@pytest.mark.parametrize(("rank", "energy"), [(-1, 1.0), (0, 1.5), (0, -0.1), (0, float("nan"))])
def test_impossible_truncations_are_refused(rank: int, energy: float) -> None:
    whole = decompose("w", single(random(3, 4)))
    with pytest.raises(MergeError, match=f"rank {rank} and energy {energy}; expected"):
        truncate(whole, rank, energy)


@pytest.mark.parametrize("shape", [(30, 50), (50, 30)])
def test_errors_equal_the_formulas(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "CHUNK", 200)
    tau = single(random(*shape))
    cut = truncate(decompose("w", tau), 11, 1.0)
    u, s, vh = (part.double().numpy() for part in cut)
    missed = np.linalg.norm(tau.double().numpy() - (u * s) @ vh)
    expected = missed / np.linalg.norm(tau.double().numpy())
    for same in (tau, tau.double()):
        assert reconstruction_error(same, cut) == pytest.approx(expected, rel=1e-9)
        assert torch.equal(same.float(), tau)
    bent = cut._replace(vh=cut.vh * 1.01)
    worst = np.abs(1.01**2 * vh @ vh.T - np.eye(11)).max()
    assert orthogonality_error(bent) == pytest.approx(worst, rel=1e-5)  # 1.01 rounds in float32
    assert orthogonality_error(cut) < EXACT


def test_errors_of_nothing_are_zero() -> None:
    zero = torch.zeros(3, 5)
    assert reconstruction_error(zero, decompose("w", zero)) == 0
    nothing = Subspace(torch.zeros(3, 0), torch.zeros(0), torch.zeros(0, 5))
    assert reconstruction_error(torch.ones(3, 5), nothing) == 1
    assert orthogonality_error(nothing) == 0
