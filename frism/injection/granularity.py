"""How many gates there are: a map from gates to the components that they open and close.

Every granularity is the same code with another map. The gates of a group of matrices are one
vector (`group`), a matrix is taken apart along an axis (`axis`), and an index vector tells which
gate of its group each of its components obeys (`index`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from frism.checkpoints.names import split_name
from frism.errors import MergeError
from frism.subspaces.components import COLUMNS, DIRECTIONS, ROWS

BLOCKS = 8
_HEAD_AXES = {"q_proj": ROWS, "k_proj": ROWS, "v_proj": ROWS, "o_proj": COLUMNS}


@dataclass(frozen=True)
class Granularity:
    """A partition of all components of a model into gates.

    Args:
        slug: Its name in methods and in the metadata of gate files.
        group: Canonical name of a matrix to the key of its gate vector.
        axis: Canonical name of a matrix to the axis along which it is taken apart.
        index: Canonical name, number of components c and number of key-value heads to the index
            vector, int64 [c], into the gate vector of the group.
    """

    slug: str
    group: Callable[[str], str]
    axis: Callable[[str], str]
    index: Callable[[str, int, int], torch.Tensor]


def _own(name: str) -> str:
    return name


def _layer(name: str) -> str:
    return f"model.layers.{split_name(name)[0]}"


def _directions(name: str) -> str:
    return DIRECTIONS


def _one(name: str, count: int, heads: int) -> torch.Tensor:
    return torch.zeros(count, dtype=torch.int64)


def _each(name: str, count: int, heads: int) -> torch.Tensor:
    return torch.arange(count)


def _block(name: str, count: int, heads: int) -> torch.Tensor:
    return torch.arange(count) * min(BLOCKS, count) // max(count, 1)


def _head_axis(name: str) -> str:
    return _HEAD_AXES.get(split_name(name)[2], DIRECTIONS)


def _head(name: str, count: int, heads: int) -> torch.Tensor:
    """Query heads that share a key-value head share its gate; other matrices have one."""
    if _head_axis(name) == DIRECTIONS:
        return _one(name, count, heads)
    if heads < 1 or count % heads:
        raise MergeError(
            f"tensor '{name}' has {count} rows or columns of heads and the configuration "
            f"{heads} key-value heads; expected a multiple: check num_key_value_heads"
        )
    return torch.arange(count) // (count // heads)


GRANULARITIES = {
    each.slug: each
    for each in (
        Granularity("model", lambda name: "model", _directions, _one),
        Granularity("layer", _layer, _directions, _one),
        Granularity("matrix", _own, _directions, _one),
        Granularity("head", _own, _head_axis, _head),
        Granularity("block", _own, _directions, _block),
        Granularity("direction", _own, _directions, _each),
    )
}


def granularity(slug: str) -> Granularity:
    """Returns the granularity called `slug`.

    Raises:
        MergeError: there is none of that name.
    """
    if slug not in GRANULARITIES:
        raise MergeError(f"unknown granularity '{slug}'; expected one of {sorted(GRANULARITIES)}")
    return GRANULARITIES[slug]


def component_gates(
    gates: torch.Tensor, name: str, count: int, heads: int, kind: Granularity
) -> torch.Tensor:
    """Returns the gate of each component of matrix `name`, [components].

    Args:
        gates: The gate vector of its group.
        name: Canonical name of the matrix.
        count: Number of its components.
        heads: Number of key-value heads of the model.
        kind: The granularity.

    Raises:
        MergeError: the gates were trained for another granularity, rank or restriction.
    """
    index = kind.index(name, count, heads)
    needed = int(index.max()) + 1
    if gates.shape != (needed,):
        raise MergeError(
            f"gates of tensor '{name}' have shape {list(gates.shape)}; expected [{needed}] "
            f"for granularity '{kind.slug}' and {count} components: train the gates again"
        )
    return gates[index]
