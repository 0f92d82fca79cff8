"""What gated layers will do for a batch, in words and in operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from frism.injection.gated_linear import GatedLinear
from frism.injection.operations import PLAIN, operations


def describe(layers: Mapping[str, GatedLinear], tokens: int) -> str:
    """Returns a line on all layers and one for each kind of projection and shape.

    It tells the shape, the rank, the chosen path and its operations, forward and backward, as a
    multiple of those of the plain layer.

    Args:
        layers: Gated layers by canonical name of their matrix.
        tokens: Inputs of a batch.
    """
    total = relative_operations(layers.values(), tokens)
    lines = [f"{len(layers)} gated layers, {tokens} tokens: {total:.2f} times the plain operations"]
    kinds: dict[tuple[str, int, int], list[GatedLinear]] = {}
    for name, layer in layers.items():
        m, n = layer.linear.weight.shape
        projection = name.removesuffix(".weight").split(".", 3)[-1]
        kinds.setdefault((projection, m, n), []).append(layer)
    return "\n".join(lines + [_line(*kind, own, tokens) for kind, own in kinds.items()])


def relative_operations(layers: Iterable[GatedLinear], tokens: int) -> float:
    """Returns the operations of gated layers over those of the same layers without gates."""
    counts = [_counts(layer, tokens) for layer in layers]
    return sum(gated for gated, _ in counts) / sum(plain for _, plain in counts)


def paths(layers: Iterable[GatedLinear], tokens: int) -> str:
    """Returns the paths that layers choose, and how many of them where they differ."""
    chosen = Counter(layer.path(tokens) for layer in layers)
    if len(chosen) == 1:
        return next(iter(chosen))
    return ", ".join(f"{path} ({count})" for path, count in chosen.most_common())


def _line(projection: str, m: int, n: int, layers: list[GatedLinear], tokens: int) -> str:
    ranks = sorted(layer.components.subspace.s.numel() for layer in layers)
    rank = f"{ranks[0]}" if ranks[0] == ranks[-1] else f"{ranks[0]} to {ranks[-1]}"
    ratio = relative_operations(layers, tokens)
    chosen = paths(layers, tokens)
    return f"  {projection}: {len(layers)} x [{m}, {n}], rank {rank}, {chosen}, {ratio:.2f} times"


def _counts(layer: GatedLinear, tokens: int) -> tuple[int, int]:
    m, n = layer.linear.weight.shape
    r, keep = layer.components.subspace.s.numel(), layer.keep
    gated = operations(layer.path(tokens), m, n, r, tokens, keep)
    return gated, operations(PLAIN, m, n, r, tokens)
