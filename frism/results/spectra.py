"""Spectra of task vectors: energy and effective rank by layer and module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from frism.errors import DataError
from frism.results.gates import NAME
from frism.results.layout import existing, family_seed
from frism.results.singular import singular_values

Array = NDArray[np.float64]
# whose task vector, and the folder of its subspaces
FOLDERS = {"lrm": "subspaces", "vlm": "vlm_subspaces"}
SHARES = (0.5, 0.9, 0.99)
COLUMNS = ["role", "family", "layer", "module", "directions", "energy", "effective_rank"]
COLUMNS += [f"rank_{100 * share:g}" for share in SHARES]


@dataclass(frozen=True)
class Spectrum:
    """The singular values of one matrix of a task vector.

    Args:
        role: Whose task vector, a key of `FOLDERS`.
        family: Seed of the family.
        layer: Place of the layer.
        module: Name of the module, such as `q_proj`.
        singular: Singular values, falling, [r].
    """

    role: str
    family: int
    layer: int
    module: str
    singular: Array

    @property
    def energy(self) -> float:
        """The squared Frobenius norm: sum of S^2."""
        return float((self.singular**2).sum())

    @property
    def effective_rank(self) -> float:
        """exp(-sum p log p) with p = S^2 / sum S^2: the number of directions that share energy."""
        share = self.singular**2 / max(self.energy, np.finfo(float).tiny)
        share = share[share > 0]
        return float(np.exp(-(share * np.log(share)).sum()))

    def cumulative(self) -> Array:
        """Returns the share of energy in the first 0, 1, ..., r directions, [r + 1]."""
        total = np.concatenate([[0.0], np.cumsum(self.singular**2)])
        return np.asarray(total / max(total[-1], np.finfo(float).tiny))

    def rank_holding(self, share: float) -> int:
        """Returns how many directions hold at least a share of the energy."""
        # the last bits of a sum must not decide about a whole direction
        return int(np.argmax(self.cumulative() >= share - 1e-9))


def read_spectra(families: Sequence[Path]) -> list[Spectrum]:
    """Reads the singular values of all families; of the VLM's task vector where it is known.

    Raises:
        DataError: A family has no subspaces, or a file holds something else.
    """
    return [
        spectrum
        for role, name in FOLDERS.items()
        for family in families
        if role == "lrm" or (family / name).exists()
        for spectrum in _read(existing(family / name), role, family_seed(family))
    ]


def spectra_table(spectra: Sequence[Spectrum]) -> pd.DataFrame:
    """Returns a line per matrix; `rank_90` is the number of directions with 90 % of the energy."""
    rows = [
        [each.role, each.family, each.layer, each.module, len(each.singular), each.energy,
         each.effective_rank, *(each.rank_holding(share) for share in SHARES)]
        for each in spectra
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _read(path: Path, role: str, family: int) -> list[Spectrum]:
    found = []
    for name, singular in singular_values(path).items():
        match = NAME.search(name)
        if match is None:
            raise DataError(f"{path}: found {name}, expected matrices of layers; decompose again")
        found.append(Spectrum(role, family, int(match[1]), match[2], singular))
    return sorted(found, key=lambda each: (each.layer, each.module))
