"""One random matrix in all its forms, float64, for comparing methods with their formulas."""

from __future__ import annotations

import numpy as np
import torch

from frism.methods.matrix import MatrixInputs
from frism.subspaces.decomposition import Subspace, decompose


class Oracle:
    """Random weights [m, n] as a source of matrix inputs.

    Args:
        gate: Raw gates, [r].
    """

    def __init__(self, m: int, n: int, gate: np.ndarray, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.w_vlm, self.w_base, self.w_lrm = rng.normal(size=(3, m, n))
        self.tau = self.w_lrm - self.w_base
        self.gates = gate

    @property
    def inputs(self) -> MatrixInputs:
        return MatrixInputs("w", self)

    def vlm(self, name: str) -> torch.Tensor:
        return torch.from_numpy(self.w_vlm)

    def base(self, name: str) -> torch.Tensor:
        return torch.from_numpy(self.w_base)

    def lrm(self, name: str) -> torch.Tensor:
        return torch.from_numpy(self.w_lrm)

    def task_vector(self, name: str) -> torch.Tensor:
        return torch.from_numpy(self.tau)

    def subspace(self, name: str) -> Subspace:
        return decompose(name, self.task_vector(name), torch.float64)

    def gate(self, name: str) -> torch.Tensor:
        return torch.from_numpy(self.gates)
