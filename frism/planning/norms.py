"""How far the LRM moved from its base, `||tau|| / ||W||`, by kind of matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frism.checkpoints.key_map import LanguageModel
from frism.checkpoints.names import layer_of, split_name
from frism.progress import progress
from frism.subspaces.task_vector import relative_norm, task_vector

# What was tuned from a base stays well below it; two models that were trained apart come to 1.4.
TOO_LARGE = 0.5


@dataclass(frozen=True)
class ModuleNorm:
    """Relative norms of the matrices of one kind.

    Args:
        module: The projection, such as `q_proj`.
        norms: `||tau|| / ||W_base||` by layer.
    """

    module: str
    norms: Mapping[int, float]

    @property
    def mean(self) -> float:
        """The mean over the layers."""
        return sum(self.norms.values()) / len(self.norms)


def module_norms(
    tuned: LanguageModel, base: LanguageModel, names: Sequence[str], layers: int = 0
) -> list[ModuleNorm]:
    """Returns the relative norms of a model's task vectors by kind of matrix.

    Args:
        tuned: The tuned model.
        base: Its base.
        names: Canonical names of the matrices that both have.
        layers: How many layers are looked at, spread evenly; 0 for all.
    """
    chosen = _spread(sorted({layer_of(name) or 0 for name in names}), layers)
    wanted = [name for name in names if layer_of(name) in chosen]
    found: dict[str, dict[int, float]] = {}
    for name in progress(wanted, "norms"):
        weight = base.checkpoint.tensor(base.names[name])
        tau = task_vector(name, tuned.checkpoint.tensor(tuned.names[name]), weight)
        layer, _, module = split_name(name)
        found.setdefault(module, {})[layer] = relative_norm(tau, weight)
    return [ModuleNorm(module, norms) for module, norms in found.items()]


def _spread(layers: Sequence[int], count: int) -> set[int]:
    if not count or count >= len(layers):
        return set(layers)
    step = (len(layers) - 1) / max(count - 1, 1)
    return {layers[round(i * step)] for i in range(count)}
