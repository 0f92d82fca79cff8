"""Gates of the pico family trained and merged from files, and the merge in numpy float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from frism.checkpoints.key_map import causal_lm
from frism.checkpoints.names import split_name
from frism.checkpoints.reader import Checkpoint
from frism.merging.apply import merge_checkpoint
from frism.merging.sources import MergeFiles
from frism.methods.registry import method, parameters_slug
from tests.matrix_sources import Array
from tests.pico import MATRICES, task_vectors
from tests.steps import PicoMerge, train_gates_of
from tests.test_injection import read_subspaces
from tests.tolerances import TOLERANCES

# canonical name, task vector, its U, S, Vh and the gates by group -> the gated task vector
GatedTau = Callable[[str, Array, tuple[Array, Array, Array], dict[str, Array]], Array]
FRISM = {"alpha": 0.5, "lambda_lrm": 0.8}


def sigmoid(raw: Array) -> Array:
    """Returns `1 / (1 + exp(-raw))`."""
    return np.asarray(1 / (1 + np.exp(-raw)), np.float64)


def layer(name: str) -> str:
    """Returns the key of a layer's gate."""
    return f"model.layers.{split_name(name)[0]}"


def assert_learned_merge(
    files: PicoMerge,
    directory: Path,
    slug: str,
    expected: GatedTau,
    parameters: Mapping[str, Any] = FRISM,
    scale: float = 0.8,
) -> None:
    """Trains gates, merges, and compares each matrix with `W_vlm + scale * expected`.

    Args:
        files: The pico family.
        directory: Where gates and merge are written.
        slug: The method.
        expected: The gated task vector in float64.
        parameters: Parameters of the method.
        scale: Factor before the gated task vector.
    """
    chosen = method(slug)
    assert chosen.gates is not None
    gates = directory / "gates"
    train_gates_of(files, gates, chosen.gates, parameters_slug(parameters))
    merge_checkpoint(
        merge_files(files, gates / "gates.safetensors"), chosen, parameters, directory / "model"
    )
    raw = {key: _float64(gate) for key, gate in load_file(gates / "gates.safetensors").items()}
    assert all(np.any(gate != gate[0]) or gate.size == 1 for gate in raw.values())
    merged, vlm = Checkpoint(directory / "model"), Checkpoint(files.models.vlm)
    taus, subspaces = task_vectors(files.models), read_subspaces(files)
    names = causal_lm(vlm).matrices
    assert len(names) == MATRICES
    for name, own in names.items():
        tau = _float64(taus[name])
        u, s, vh = (_float64(part) for part in subspaces[name])
        # a decomposition of our own could mix directions of nearly equal strength
        np.testing.assert_allclose((u * s) @ vh, tau, **TOLERANCES[torch.float32])
        gated = expected(name, tau, (u, s, vh), raw)
        np.testing.assert_allclose(
            merged.tensor(own).numpy(),
            _float64(vlm.tensor(own)) + scale * gated,
            **TOLERANCES[torch.float32],
        )


def merge_files(files: PicoMerge, gates: Path | None = None) -> MergeFiles:
    """Returns the inputs of a merge of the pico family."""
    models = files.models
    return MergeFiles(models.vlm, models.base, models.lrm, files.subspaces, gates)


def _float64(tensor: torch.Tensor) -> Array:
    return np.asarray(tensor.double().numpy(), np.float64)
