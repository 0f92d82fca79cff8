"""Shuffled gates of FRISM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from frism.checkpoints.reader import Checkpoint
from frism.merging.apply import merge_checkpoint
from frism.methods.registry import completed, method
from tests.matrix_sources import SHAPES, Array, RandomSources
from tests.oracle_gates import FRISM, merge_files
from tests.steps import PicoMerge
from tests.test_injection import read_subspaces
from tests.tolerances import TOLERANCES


def injected(sources: RandomSources, name: str) -> Array:
    """Returns the factor before each singular direction of what the merge adds."""
    merged = method("frism_shuffled").merge(
        sources.inputs(name), completed(method("frism_shuffled"), FRISM)
    )
    u, s, vh = np.linalg.svd(sources.tau(name), full_matrices=False)
    moved = merged.double().numpy() - sources.weights["vlm"][name]
    return np.asarray(np.diag(u.T @ moved @ vh.T) / (0.8 * s), np.float64)


def test_values_of_a_matrix_stay_but_change_places() -> None:
    sources = RandomSources()
    for name in SHAPES:
        found, gates = injected(sources, name), sources.gates[name]
        np.testing.assert_allclose(np.sort(found), np.sort(gates), rtol=1e-4, atol=1e-5)
        assert (np.abs(found - gates) > 0.01).mean() > 0.5
        np.testing.assert_allclose(injected(sources, name), found, **TOLERANCES[torch.float64])


def test_matrices_have_orders_of_their_own() -> None:
    one, other = "model.layers.0.mlp.up_proj.weight", "model.layers.2.mlp.gate_proj.weight"
    sources = RandomSources()
    sources.gates[other] = sources.gates[one]
    sorted_gates = np.sort(sources.gates[one])
    places = [np.searchsorted(sorted_gates, injected(sources, n) - 1e-4) for n in (one, other)]
    assert not np.array_equal(places[0], places[1])


def test_families_have_orders_of_their_own() -> None:
    one, other = RandomSources(seed=0), RandomSources(seed=1)
    other.gates = one.gates
    for name in SHAPES:
        found, elsewhere = injected(one, name), injected(other, name)
        assert not np.allclose(found, elsewhere, rtol=1e-3, atol=1e-3), name


def test_gates_are_those_of_frism(pico_merge: PicoMerge, tmp_path: Path) -> None:
    gates, subspaces = pico_merge.gates / "gates.safetensors", read_subspaces(pico_merge)
    trained = {"alpha": 1.0, "lambda_lrm": 1.0}
    found: dict[str, Checkpoint] = {}
    for slug in ("frism", "frism_shuffled"):
        files, output = merge_files(pico_merge, gates), tmp_path / slug
        merge_checkpoint(files, method(slug), trained, output)
        found[slug] = Checkpoint(output)
    vlm = Checkpoint(pico_merge.models.vlm)
    for name, (u, s, vh) in subspaces.items():
        own, shuffled = (
            torch.diag(u.T @ (each.tensor(name) - vlm.tensor(name)) @ vh.T) / s
            for each in found.values()
        )
        assert not torch.allclose(own, shuffled, rtol=1e-3, atol=1e-3)
        # of small singular values little is left beside the weights in float32
        torch.testing.assert_close(own.sort()[0], shuffled.sort()[0], rtol=1e-2, atol=1e-2)
