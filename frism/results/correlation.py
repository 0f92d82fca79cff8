"""The paper's theory put to the test: do directions of high curvature have closed gates?

The pull on a gate is (h_i - 2 alpha e_i) times its value, with h_i the curvature of the perception
loss along subspace i and e_i = S_i^2 its energy (arXiv 2601.21187, second-order view). So the gates
should fall as h_i / e_i grows; Spearman's correlation asks for no more than that order. h_i is
measured twice: along the direction alone (diagonal), and with all directions half injected
(secant).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from frism.checkpoints.names import secant_key
from frism.errors import DataError
from frism.results.gates import MatrixGates, ordered_modules, read_gates
from frism.results.layout import existing, family_seed

Array = NDArray[np.float64]
ALL_MODULES = "all"
CURVATURE, RATIO = "spearman_curvature", "spearman_ratio"
SECANT, SECANT_RATIO = "spearman_secant", "spearman_secant_ratio"
COLUMNS = ["family", "module", "directions", CURVATURE, RATIO, SECANT, SECANT_RATIO]


@dataclass(frozen=True)
class Directions:
    """The singular directions of one module of one family, all layers in a row.

    Args:
        family: Seed of the family.
        module: Name of the module.
        curvature: h_i along the direction alone, [directions].
        secant: h_i where all directions are half injected, [directions].
        energy: e_i = S_i^2, [directions].
        gates: Learned gate values, [directions].
    """

    family: int
    module: str
    curvature: Array
    secant: Array
    energy: Array
    gates: Array

    @property
    def ratio(self) -> Array:
        """Curvature per energy, h_i / e_i, [directions]."""
        return self.curvature / self.energy

    @property
    def secant_ratio(self) -> Array:
        """Secant curvature per energy, [directions]."""
        return self.secant / self.energy


def read_directions(family: Path, gates: Path) -> list[Directions]:
    """Reads curvature and gates of one family, module by module; directions without energy drop.

    Args:
        family: Directory of the family.
        gates: File of its learned gates.

    Raises:
        DataError: A file is missing, or they do not belong to each other.
    """
    from safetensors import safe_open

    path = existing(family / "curvature.safetensors")
    matrices = read_gates(gates, family / "subspaces")
    with safe_open(path, framework="numpy") as file:
        curvature = [_curvature(path, file, each.name, each) for each in matrices]
        secant = [_curvature(path, file, secant_key(each.name), each) for each in matrices]
    modules = ordered_modules({each.module for each in matrices})
    seed = family_seed(family)
    return [_joined(seed, name, matrices, curvature, secant) for name in modules]


def correlations(found: Sequence[Directions]) -> pd.DataFrame:
    """Returns Spearman's correlation of h_i, and of h_i / e_i, with the gates, for both h_i.

    A correlation is NaN where all gates, or all curvatures, are equal.

    Returns:
        Per family a line for all directions together and one per module.
    """
    rows = []
    for family in dict.fromkeys(each.family for each in found):
        own = [each for each in found if each.family == family]
        rows += [_row(ALL_MODULES, own), *(_row(each.module, [each]) for each in own)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _curvature(path: Path, file: Any, key: str, matrix: MatrixGates) -> Array:
    known = key in file.keys()  # noqa: SIM118
    values = file.get_tensor(key) if known else np.zeros(0)
    if values.shape != matrix.values.shape:
        raise DataError(
            f"{path}: curvature {key} has shape {list(values.shape)} for gates of shape "
            f"{list(matrix.values.shape)}, expected one number per direction; compute it again"
        )
    return np.asarray(values, np.float64)


def _joined(
    family: int,
    module: str,
    matrices: Sequence[MatrixGates],
    curvature: Sequence[Array],
    secant: Sequence[Array],
) -> Directions:
    places = [place for place, each in enumerate(matrices) if each.module == module]
    energy = np.concatenate([matrices[place].singular ** 2 for place in places])
    gates = np.concatenate([matrices[place].values for place in places])
    diagonal, slopes = (
        np.concatenate([values[place] for place in places]) for values in (curvature, secant)
    )
    full = energy > 0
    return Directions(family, module, diagonal[full], slopes[full], energy[full], gates[full])


def _row(module: str, found: Sequence[Directions]) -> list[object]:
    gates = np.concatenate([each.gates for each in found])
    measures = (
        [each.curvature for each in found],
        [each.ratio for each in found],
        [each.secant for each in found],
        [each.secant_ratio for each in found],
    )
    rows = [_spearman(np.concatenate(each), gates) for each in measures]
    return [found[0].family, module, len(gates), *rows]


def _spearman(one: Array, other: Array) -> float:
    from scipy.stats import spearmanr

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one, other).statistic)
