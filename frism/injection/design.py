"""What gates stand before and how their numbers are read: the same in training and in merging."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from frism.injection.activation import SIGMOID, activate
from frism.injection.granularity import component_gates, granularity
from frism.subspaces.components import Components, Gated
from frism.subspaces.decomposition import Subspace
from frism.subspaces.random_directions import random_directions
from frism.subspaces.restriction import restrict

if TYPE_CHECKING:
    from frism.methods.method import Learned

LRM, RANDOM = "lrm", "random"


@dataclass(frozen=True)
class GateDesign:
    """Everything but the gates' own numbers.

    Args:
        granularity: How components share gates, a key of `GRANULARITIES`.
        activation: From raw gates to gate values, see `activate`.
        directions: `lrm`, or `random` ones with the same singular values.
        energy: Share of `||S||^2` of each matrix that is kept, see `restrict`.
        modules: Kinds of matrix that are kept, see `restrict`.
    """

    granularity: str = "direction"
    activation: str = SIGMOID
    directions: str = LRM
    energy: float = 1.0
    modules: str = "all"

    @classmethod
    def of(cls, learned: Learned, parameters: Mapping[str, Any]) -> GateDesign:
        """Returns the design of a method with all its parameters."""
        return cls(
            learned.granularity,
            learned.activation,
            learned.directions,
            parameters["energy"],
            parameters["modules"],
        )

    def components(self, name: str, subspace: Subspace) -> Components:
        """Returns the components of a matrix, of rank 0 where it is left out."""
        kept = restrict(name, subspace, self.energy, self.modules)
        if self.directions == RANDOM:
            kept = random_directions(name, kept)
        return Components(kept, granularity(self.granularity).axis(name))

    def gated(
        self, name: str, subspace: Subspace, read: Callable[[str], torch.Tensor], heads: int
    ) -> Gated:
        """Returns the components of a matrix with the values of their trained gates.

        Args:
            name: Canonical name of the matrix.
            subspace: Its task vector.
            read: Returns the raw gates of a group.
            heads: Number of key-value heads of the model.

        Raises:
            MergeError: the gates were trained for another design.
        """
        components = self.components(name, subspace)
        if not components.subspace.s.numel():
            return Gated(components, torch.zeros(components.count))
        kind = granularity(self.granularity)
        values = activate(read(kind.group(name)), self.activation)
        return Gated(components, component_gates(values, name, components.count, heads, kind))
