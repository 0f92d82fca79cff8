"""Gates and singular values of one family as arrays, and what the figures make of them."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frism.errors import DataError
from frism.results.layout import existing
from frism.results.singular import singular_values

Array = NDArray[np.float64]
# the order in which a layer applies them
MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
NO_GATES = np.zeros(0)
NAME = re.compile(r"layers\.(\d+)\..*?(\w+)\.weight$")


@dataclass(frozen=True)
class MatrixGates:
    """The gates of one matrix.

    Args:
        name: Canonical name of the matrix.
        layer: Place of the layer.
        module: Name of the module, such as `q_proj`.
        values: Gate values sigmoid(g) by descending singular value, [r].
        singular: Singular values of the task vector, [r].
    """

    name: str
    layer: int
    module: str
    values: Array
    singular: Array

    @property
    def injected(self) -> float:
        """The share of the task vector's energy that the gates let through."""
        energy = self.singular**2
        return float((self.values**2 * energy).sum() / energy.sum())


def gates_directory(family: Path, method: str, parameters: str) -> Path:
    """Returns where `frism gates` put the gates of a candidate of one family."""
    return family / "gates" / method / parameters


def read_gates(gates: Path, subspaces: Path) -> list[MatrixGates]:
    """Reads the gates of directions with the singular values that they stand before.

    Directions and matrices that a method left out have no gates: their values are 0 here.

    Args:
        gates: File of raw gates g by matrix name, each for the first k <= r directions.
        subspaces: Folder of subspaces; of each matrix only S, [r], is read.

    Raises:
        DataError: A file is missing, or there are gates of no direction.
    """
    from safetensors import safe_open

    spectra = singular_values(subspaces)
    with safe_open(existing(gates), framework="numpy") as raw:
        missing = sorted(set(raw.keys()) - set(spectra))
        if missing:
            raise DataError(f"{subspaces}: found no {missing[0]}, expected it; decompose again")
        own = {name: raw.get_tensor(name) for name in raw.keys()}  # noqa: SIM118
    found = [_matrix(name, own.get(name, NO_GATES), s, gates) for name, s in spectra.items()]
    return sorted(found, key=lambda each: (each.layer, each.module))


def open_energy(matrices: Sequence[MatrixGates]) -> float:
    """Returns the share of the whole task vector's energy that the gates let through."""
    energy = np.array([float((each.singular**2).sum()) for each in matrices])
    injected = np.array([each.injected for each in matrices])
    return float((injected * energy).sum() / energy.sum())


def modules_of(matrices: Sequence[MatrixGates]) -> list[str]:
    """Returns the modules in the order in which a layer applies them."""
    return ordered_modules({each.module for each in matrices})


def ordered_modules(found: Set[str]) -> list[str]:
    """Returns modules in the order in which a layer applies them."""
    return [each for each in MODULES if each in found] + sorted(found - set(MODULES))


def by_rank(matrices: Sequence[MatrixGates], module: str, bins: int) -> Array:
    """Returns mean gate values of a module over families, [layers, bins of relative rank]."""
    own = [each for each in matrices if each.module == module]
    layers = sorted({each.layer for each in own})
    return np.array([_binned([e.values for e in own if e.layer == each], bins) for each in layers])


def injected_energy(matrices: Sequence[MatrixGates]) -> Array:
    """Returns the mean share of energy let through, [layers, modules]."""
    layers = sorted({each.layer for each in matrices})
    return np.array(
        [
            [_mean([e.injected for e in matrices if (e.layer, e.module) == (layer, module)])
             for module in modules_of(matrices)]
            for layer in layers
        ]
    )  # fmt: skip


def _matrix(name: str, raw: Array, singular: Array, file: Path) -> MatrixGates:
    match = NAME.search(name)
    if match is None or raw.ndim != 1 or len(raw) > len(singular):
        raise DataError(
            f"{file}: gates of {name} have shape {list(raw.shape)} for singular values of shape "
            f"{list(singular.shape)}, expected one gate per direction; train the gates again"
        )
    values = np.zeros(len(singular))
    values[: len(raw)] = 1 / (1 + np.exp(-raw.astype(np.float64)))
    return MatrixGates(name, int(match[1]), match[2], values, singular.astype(np.float64))


def _binned(families: Sequence[Array], bins: int) -> Array:
    edges = [np.minimum(np.arange(len(each)) * bins // len(each), bins - 1) for each in families]
    total = sum(np.bincount(e, f, bins) for e, f in zip(edges, families, strict=True))
    count = sum(np.bincount(e, minlength=bins) for e in edges)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
