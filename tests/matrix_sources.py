"""Random matrices in memory as the source of what merge methods are given, and as numpy arrays."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from frism.methods.matrix import MatrixInputs, ModelInputs
from frism.subspaces.components import Components, Gated
from frism.subspaces.decomposition import Subspace, decompose

Array = NDArray[np.float64]
MODELS = ("vlm", "base", "lrm", "vlm_base")
# 0 to 2 layers of differing shapes: tall, wide and square
SHAPES = {
    "model.layers.0.self_attn.q_proj.weight": (12, 12),
    "model.layers.0.mlp.up_proj.weight": (20, 12),
    "model.layers.1.mlp.down_proj.weight": (12, 20),
    "model.layers.2.mlp.gate_proj.weight": (20, 12),
}
VECTORS = {"model.layers.1.input_layernorm.weight": (12,), "model.norm.weight": (12,)}
# weights are multiples of it: their differences are exact in float32, so a float64 oracle sees
# the same signs, ranks and ties
STEP = 2.0**-16


class RandomSources:
    """Random weights of all models; see `frism.methods.matrix.Sources`.

    A test may write into `weights` before it asks for anything else.

    Args:
        seed: Seed of the weights.
        dtype: Type that the weights are rounded to.
        shapes: Shape of each matrix, in layer order.

    Attributes:
        weights: Model (`vlm`, `base`, `lrm`, `vlm_base`) to canonical name to float64 array.
    """

    def __init__(
        self,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        shapes: dict[str, tuple[int, ...]] | None = None,
    ) -> None:
        rng = np.random.default_rng(seed)
        self._shapes = shapes or SHAPES
        everything = {**self._shapes, **VECTORS}
        self.weights = {
            model: {
                name: _rounded(rng.normal(size=each), dtype) for name, each in everything.items()
            }
            for model in MODELS
        }
        ranks = {name: min(shape) for name, shape in self._shapes.items()}
        self.curvatures = {name: rng.exponential(size=rank) for name, rank in ranks.items()}
        self.secants = {name: rng.normal(size=rank) for name, rank in ranks.items()}
        self.gates = {name: rng.uniform(size=rank) for name, rank in ranks.items()}

    @property
    def matrices(self) -> tuple[str, ...]:
        return tuple(self._shapes)

    @cached_property
    def model(self) -> ModelInputs:
        """All matrices as a method sees them."""
        return ModelInputs(self)

    def inputs(self, name: str) -> MatrixInputs:
        """Returns one tensor as a method sees it."""
        return self.model.matrix(name)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._shapes.get(name) or VECTORS[name]

    def within(self, rows: slice) -> RandomSources:
        part = copy(self)
        part.weights = {
            model: {name: values[rows] for name, values in weights.items()}
            for model, weights in self.weights.items()
        }
        return part

    def tau(self, name: str) -> Array:
        """Returns the LRM's task vector in float64."""
        return self.weights["lrm"][name] - self.weights["base"][name]

    def tau_vlm(self, name: str) -> Array:
        """Returns the VLM's own task vector in float64."""
        return self.weights["vlm"][name] - self.weights["vlm_base"][name]

    def vlm(self, name: str) -> torch.Tensor:
        return _tensor(self.weights["vlm"][name])

    def base(self, name: str) -> torch.Tensor:
        return _tensor(self.weights["base"][name])

    def lrm(self, name: str) -> torch.Tensor:
        return _tensor(self.weights["lrm"][name])

    def task_vector(self, name: str) -> torch.Tensor:
        return _tensor(self.tau(name))

    def subspace(self, name: str) -> Subspace:
        return decompose(name, self.task_vector(name), torch.float64)

    def vlm_task_vector(self, name: str) -> torch.Tensor:
        return _tensor(self.tau_vlm(name))

    def vlm_subspace(self, name: str) -> Subspace:
        return decompose(name, self.vlm_task_vector(name), torch.float64)

    def curvature(self, name: str) -> torch.Tensor:
        return _tensor(self.curvatures[name])

    def secant(self, name: str) -> torch.Tensor:
        return _tensor(self.secants[name])

    def gated(self, name: str) -> Gated:
        return Gated(Components(self.subspace(name)), torch.from_numpy(self.gates[name]))


def with_equal_magnitudes() -> RandomSources:
    """Returns weights in steps of a half: magnitudes are often equal, sums of two often 0."""
    sources = RandomSources(seed=2)
    for weights in sources.weights.values():
        for name, values in weights.items():
            weights[name] = np.round(2 * values) / 2
    return sources


def without_lrm() -> RandomSources:
    """Returns an LRM that learned nothing: its task vector is 0."""
    sources = RandomSources(seed=3)
    sources.weights["lrm"] = dict(sources.weights["base"])
    return sources


# what a method has to get right, by name
CASES: dict[str, Callable[[], RandomSources]] = {
    "float32": lambda: RandomSources(seed=0),
    "bfloat16": lambda: RandomSources(seed=1, dtype=torch.bfloat16),
    "equal magnitudes": with_equal_magnitudes,
    "no task vector": without_lrm,
}


def _rounded(values: Array, dtype: torch.dtype) -> Array:
    grid = torch.from_numpy(np.round(values / STEP) * STEP).to(dtype)
    return grid.double().numpy()


def _tensor(values: Array) -> torch.Tensor:
    return torch.from_numpy(values).float()
