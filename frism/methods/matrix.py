"""What a merge method is given: the tensors of one matrix, each read when it is first used."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from frism.checkpoints.names import layer_of

if TYPE_CHECKING:
    import torch

    from frism.subspaces.components import Gated
    from frism.subspaces.decomposition import Subspace

T = TypeVar("T")

# entries of a block, whole rows at least
BLOCK = 2**18


class Sources(Protocol):
    """Where the tensors of a matrix come from; float32, by canonical name."""

    @property
    def matrices(self) -> Sequence[str]:
        """Names of all language-model matrices, in layer order."""

    def shape(self, name: str) -> Sequence[int]:
        """Returns the shape of a tensor, all of its rows."""

    def vlm(self, name: str) -> torch.Tensor: ...

    def base(self, name: str) -> torch.Tensor: ...

    def lrm(self, name: str) -> torch.Tensor: ...

    def task_vector(self, name: str) -> torch.Tensor: ...

    def subspace(self, name: str) -> Subspace: ...

    def vlm_task_vector(self, name: str) -> torch.Tensor: ...

    def vlm_subspace(self, name: str) -> Subspace: ...

    def curvature(self, name: str) -> torch.Tensor: ...

    def secant(self, name: str) -> torch.Tensor: ...

    def gated(self, name: str) -> Gated: ...

    def within(self, rows: slice) -> Sources:
        """Returns the same for some rows of the models' tensors and of task vectors."""


def row_blocks(shape: Sequence[int]) -> list[slice]:
    """Cuts the rows of a tensor, [m, n] or [m], into blocks."""
    rows, size = shape[0], max(1, BLOCK * shape[0] // max(1, math.prod(shape)))
    return [slice(start, start + size) for start in range(0, rows, size)]


class ModelInputs:
    """All language-model matrices of one merge, and what a method derives from all of them.

    Args:
        sources: Reads the tensors.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._known: dict[Hashable, Any] = {}

    @property
    def names(self) -> Sequence[str]:
        """Canonical names of all matrices, in layer order."""
        return self._sources.matrices

    @cached_property
    def layers(self) -> int:
        """Number of layers."""
        return 1 + max(layer_of(name) or 0 for name in self.names)

    def matrix(self, name: str, rows: slice | None = None) -> MatrixInputs:
        """Returns the inputs of one matrix, or of one norm or bias.

        Args:
            name: Canonical name.
            rows: Which of its rows; all where it is not given.
        """
        sources = self._sources.within(rows) if rows else self._sources
        return MatrixInputs(name, sources, self, rows)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Returns `make()`, computed once per model for a key, such as a global threshold."""
        if key not in self._known:
            self._known[key] = make()
        value: T = self._known[key]
        return value


class MatrixInputs:
    """One language-model tensor in all its forms, float32.

    Args:
        name: Canonical name.
        sources: Reads the tensors.
        model: The model that it belongs to; one of its own where it is not given.
        rows: Which of its rows the sources give, None for all.
    """

    def __init__(
        self,
        name: str,
        sources: Sources,
        model: ModelInputs | None = None,
        rows: slice | None = None,
    ) -> None:
        self.name = name
        self.first_row: int = rows.start if rows else 0
        self.model = model or ModelInputs(sources)
        self._sources = sources

    @property
    def blocks(self) -> list[slice]:
        """Rows that are in the processor's cache at a time, of the whole tensor."""
        return row_blocks(self._sources.shape(self.name))

    def within(self, rows: slice) -> MatrixInputs:
        """Returns the inputs of some rows of the whole tensor."""
        return self.model.matrix(self.name, rows)

    @property
    def layer(self) -> int:
        """Place of its layer, from 0; the last norm counts as a layer behind the last one."""
        layer = layer_of(self.name)
        return self.layers if layer is None else layer

    @property
    def layers(self) -> int:
        """Number of layers of the model."""
        return self.model.layers

    @cached_property
    def w_vlm(self) -> torch.Tensor:
        """The VLM's matrix, [m, n]."""
        return self._sources.vlm(self.name)

    @cached_property
    def w_base(self) -> torch.Tensor:
        """The base's matrix, [m, n]."""
        return self._sources.base(self.name)

    @cached_property
    def w_lrm(self) -> torch.Tensor:
        """The LRM's matrix, [m, n]."""
        return self._sources.lrm(self.name)

    @cached_property
    def tau(self) -> torch.Tensor:
        """The task vector `w_lrm - w_base`, [m, n]."""
        return self._sources.task_vector(self.name)

    @cached_property
    def subspace(self) -> Subspace:
        """The decomposed task vector: U [m, r], S [r], Vh [r, n]."""
        return self._sources.subspace(self.name)

    @cached_property
    def tau_vlm(self) -> torch.Tensor:
        """The VLM's own task vector, from the language model that it was trained from, [m, n]."""
        return self._sources.vlm_task_vector(self.name)

    @cached_property
    def subspace_vlm(self) -> Subspace:
        """The VLM's decomposed task vector: U [m, r], S [r], Vh [r, n]."""
        return self._sources.vlm_subspace(self.name)

    @cached_property
    def curvature(self) -> torch.Tensor:
        """The curvature of the perception KL along each singular direction, [r]."""
        return self._sources.curvature(self.name)

    @cached_property
    def secant(self) -> torch.Tensor:
        """The perception KL's slope over sigma along each direction, all half injected, [r]."""
        return self._sources.secant(self.name)

    @cached_property
    def gated(self) -> Gated:
        """The components of the task vector, each with the value of its learned gate."""
        return self._sources.gated(self.name)
