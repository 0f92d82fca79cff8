"""What a merge method is given: the tensors of one matrix, each read when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch

    from frism.subspaces.decomposition import Subspace


class Sources(Protocol):
    """Where the tensors of a matrix come from; float32, by canonical name."""

    def vlm(self, name: str) -> torch.Tensor: ...

    def base(self, name: str) -> torch.Tensor: ...

    def lrm(self, name: str) -> torch.Tensor: ...

    def task_vector(self, name: str) -> torch.Tensor: ...

    def subspace(self, name: str) -> Subspace: ...

    def gate(self, name: str) -> torch.Tensor: ...


class MatrixInputs:
    """One language-model matrix in all its forms, float32.

    Args:
        name: Canonical name.
        sources: Reads the tensors.
    """

    def __init__(self, name: str, sources: Sources) -> None:
        self.name = name
        self._sources = sources

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
    def gate(self) -> torch.Tensor:
        """The raw gate g of each direction, [r]; its value is sigmoid(g)."""
        return self._sources.gate(self.name)
