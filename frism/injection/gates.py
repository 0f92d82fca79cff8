"""All gates of a model in one vector, and what each component of each matrix takes from it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from frism.injection.activation import activate
from frism.injection.description import describe
from frism.injection.design import GateDesign
from frism.injection.gated_linear import GatedLinear, gate_type
from frism.injection.granularity import Granularity, granularity


class Injection:
    """The gates of a model and the layers that they act on.

    Args:
        layers: Gated layers by canonical name of their matrix.
        design: How components share gates and how raw gates are read.
        heads: Number of key-value heads of the model.
        initial: The raw gates at the start.

    Attributes:
        raw: The raw gates of all groups, one after the other, [gates], float32 at least; all that
            learns.
        values: The gate value of each component of all layers, [components], as of `refresh`.
    """

    values: torch.Tensor

    def __init__(
        self, layers: Mapping[str, GatedLinear], design: GateDesign, heads: int, initial: float
    ) -> None:
        kind = granularity(design.granularity)
        counts = {name: layer.components.count for name, layer in layers.items()}
        own = {name: kind.index(name, count, heads) for name, count in counts.items()}
        self.layers = dict(layers)
        self._sizes = list(counts.values())
        self._activation = design.activation
        self._groups = _places({name: int(index.max()) + 1 for name, index in own.items()}, kind)
        places = [index + self._groups[kind.group(name)].start for name, index in own.items()]
        like = next(iter(layers.values())).linear.weight
        total = max(place.stop for place in self._groups.values())
        self._index = torch.cat(places).to(like.device)
        raw = torch.full((total,), initial, dtype=gate_type(like), device=like.device)
        self.raw = nn.Parameter(raw)
        self.refresh()

    @property
    def gates(self) -> dict[str, torch.Tensor]:
        """The raw gates by group; they share the memory of `raw`."""
        return self.by_group(self.raw.detach())

    def by_group(self, numbers: torch.Tensor) -> dict[str, torch.Tensor]:
        """Returns numbers that belong to the gates, [gates], by group."""
        return {key: numbers[place] for key, place in self._groups.items()}

    @property
    def energies(self) -> torch.Tensor:
        """The squared norm of each component of all layers, [components]."""
        own = (layer.components.energies for layer in self.layers.values())
        return torch.cat([each.to(self.raw.device) for each in own])

    def describe(self, tokens: int) -> str:
        """Returns how each kind of layer computes a batch of so many tokens, and its cost."""
        return describe(self.layers, tokens)

    def before_pass(self) -> None:
        """Refreshes the values, but not for the teacher: its pass has no use for a gradient."""
        if all(layer.injecting for layer in self.layers.values()):
            self.refresh()

    def refresh(self) -> None:
        """Hands each layer the values of its gates as they are now.

        All values are derived at once: layer by layer it would take a tenth of the training time.
        """
        self.values = activate(self.raw, self._activation)[self._index]
        own = torch.split(self.values, self._sizes)
        for layer, values in zip(self.layers.values(), own, strict=True):
            layer.values = values.to(layer.linear.weight.device)


def _places(sizes: Mapping[str, int], kind: Granularity) -> dict[str, slice]:
    """Gives each group a part of one vector that is long enough for all its matrices."""
    longest: dict[str, int] = {}
    for name, size in sizes.items():
        key = kind.group(name)
        longest[key] = max(longest.get(key, 0), size)
    places: dict[str, slice] = {}
    start = 0
    for key, size in longest.items():
        places[key] = slice(start, start := start + size)
    return places
