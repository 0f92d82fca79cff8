"""Random directions with the LRM's spectrum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from frism.checkpoints.reader import Checkpoint
from frism.merging.apply import merge_checkpoint
from frism.methods.registry import method, parameters_slug
from frism.subspaces.decomposition import decompose
from frism.subspaces.random_directions import random_directions
from tests.oracle_gates import FRISM, merge_files, sigmoid
from tests.steps import PicoMerge, train_gates_of
from tests.test_injection import read_subspaces
from tests.tolerances import TOLERANCES


def test_merge_moves_weights_by_the_gated_spectrum(pico_merge: PicoMerge, tmp_path: Path) -> None:
    train_gates_of(pico_merge, tmp_path / "gates", "frism_random", parameters_slug(FRISM))
    file = tmp_path / "gates" / "gates.safetensors"
    merge_checkpoint(
        merge_files(pico_merge, file), method("frism_random"), FRISM, tmp_path / "model"
    )
    gates, vlm = load_file(file), Checkpoint(pico_merge.models.vlm)
    merged = Checkpoint(tmp_path / "model")
    for name, (u, s, _) in read_subspaces(pico_merge).items():
        moved = (merged.tensor(name) - vlm.tensor(name)).double().numpy()
        spectrum = 0.8 * sigmoid(gates[name].double().numpy()) * s.double().numpy()
        found = np.linalg.svd(moved, compute_uv=False)
        np.testing.assert_allclose(found, np.sort(spectrum)[::-1], rtol=1e-4, atol=1e-5)
        alike = np.abs(np.linalg.svd(moved)[0][:, 0] @ u[:, 0].double().numpy())
        assert alike < 0.9, name


def test_directions_are_orthonormal_and_belong_to_their_name() -> None:
    subspace = decompose("w", torch.randn(5, 7, generator=torch.Generator().manual_seed(0)))
    one, again = (random_directions("one", subspace) for _ in range(2))
    other = random_directions("other", subspace)
    assert torch.equal(one.s, subspace.s)
    identity = torch.eye(5)
    torch.testing.assert_close(one.u.T @ one.u, identity, **TOLERANCES[torch.float32])
    torch.testing.assert_close(one.vh @ one.vh.T, identity, **TOLERANCES[torch.float32])
    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert not torch.allclose(one.u, other.u)


def test_directions_are_uniform() -> None:
    """Each entry of a uniform unit vector in n dimensions has mean 0 and variance 1 / n."""
    subspace = decompose("w", torch.eye(4, 6))
    drawn = torch.stack([random_directions(str(k), subspace).vh for k in range(1500)])
    entries = drawn.transpose(0, 1).flatten(1, 2)  # [direction, draws x n]
    assert entries.reshape(4, -1, 6).mean(dim=1).abs().max() < 0.05
    torch.testing.assert_close(
        entries.reshape(4, -1, 6).square().mean(dim=1), torch.full((4, 6), 1 / 6), rtol=0, atol=0.02
    )
