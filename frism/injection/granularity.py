"""How many gates there are: a map from gates to the singular directions they open and close.

Every granularity is the same code with another map. A gate vector belongs to a group of matrices
(`group`), and an index vector of length r tells which of its gates each direction obeys (`index`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from frism.errors import MergeError


@dataclass(frozen=True)
class Granularity:
    """A partition of all singular directions of a model into gates.

    Args:
        slug: Its name in methods and in the metadata of gate files.
        group: Canonical name of a matrix to the key of its gate vector.
        index: Rank r to the index vector, int64 [r], into that gate vector.
    """

    slug: str
    group: Callable[[str], str]
    index: Callable[[int], torch.Tensor]


def _own(name: str) -> str:
    return name


def _one_gate(rank: int) -> torch.Tensor:
    return torch.zeros(rank, dtype=torch.int64)


GRANULARITIES = {
    "direction": Granularity("direction", _own, torch.arange),
    "matrix": Granularity("matrix", _own, _one_gate),
}


def granularity(slug: str) -> Granularity:
    """Returns the granularity called `slug`.

    Raises:
        MergeError: there is none of that name.
    """
    if slug not in GRANULARITIES:
        raise MergeError(f"unknown granularity '{slug}'; expected one of {sorted(GRANULARITIES)}")
    return GRANULARITIES[slug]


def zero_gates(ranks: Mapping[str, int], kind: Granularity) -> dict[str, torch.Tensor]:
    """Returns a zero gate vector for each group, long enough for all its matrices.

    Args:
        ranks: Rank r by canonical name of the matrix.
        kind: The granularity.
    """
    sizes: dict[str, int] = {}
    for name, rank in ranks.items():
        key = kind.group(name)
        sizes[key] = max(sizes.get(key, 0), int(kind.index(rank).max()) + 1)
    return {key: torch.zeros(size) for key, size in sizes.items()}


def directions(
    gates: Mapping[str, torch.Tensor], name: str, rank: int, kind: Granularity
) -> torch.Tensor:
    """Returns the raw gate of each direction of matrix `name`, [r].

    Raises:
        MergeError: the gates were trained for another granularity or rank.
    """
    key = kind.group(name)
    index = kind.index(rank)
    if key not in gates:
        raise MergeError(f"no gates '{key}' for tensor '{name}'; expected one of {sorted(gates)}")
    needed = int(index.max()) + 1
    if gates[key].shape != (needed,):
        raise MergeError(
            f"gates of tensor '{name}' have shape {list(gates[key].shape)}; expected [{needed}] "
            f"for granularity '{kind.slug}' and rank {rank}: train the gates again"
        )
    return gates[key][index]
