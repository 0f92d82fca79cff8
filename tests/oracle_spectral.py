"""What the oracles of spectral methods share: numpy float64, and task vectors made to measure."""

from __future__ import annotations

import numpy as np

from frism.methods.matrix import MatrixInputs
from tests.matrix_sources import SHAPES, STEP, Array, RandomSources

NAMES = tuple(SHAPES)
SQUARE, TALL, WIDE = NAMES[:3]


def svd(matrix: Array) -> tuple[Array, Array, Array]:
    """Returns U [m, r], S [r] and Vh [r, n]."""
    return np.linalg.svd(matrix, full_matrices=False)


def polar(matrix: Array) -> Array:
    """Returns the nearest orthonormal columns, `M (M^T M)^(-1/2)`, or rows, of full rank."""
    if matrix.shape[0] < matrix.shape[1]:
        return polar(matrix.T).T
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    root: Array = vectors @ np.diag(values**-0.5) @ vectors.T
    return matrix @ root


def vlm_base(sources: RandomSources, name: str) -> Array:
    """Returns the language model that the VLM was trained from."""
    return sources.weights["vlm_base"][name]


def made(name: str, tau_vlm: Array, tau: Array) -> MatrixInputs:
    """Returns a matrix with these task vectors, rounded so that float32 holds them exactly."""
    sources = RandomSources()
    sources.weights["vlm"][name] = vlm_base(sources, name) + np.round(tau_vlm / STEP) * STEP
    sources.weights["lrm"][name] = sources.weights["base"][name] + np.round(tau / STEP) * STEP
    return sources.inputs(name)


def low_rank(name: str, rank: int, seed: int = 0) -> Array:
    """Returns a matrix of whole numbers, of the shape of `name` and of a rank below full."""
    m, n = SHAPES[name]
    rng = np.random.default_rng(seed)
    left, right = rng.integers(-3, 4, size=(m, rank)), rng.integers(-3, 4, size=(rank, n))
    return (left @ right).astype(np.float64)
