"""Names of a language model's tensors as a causal LM's files carry them: canonical names.

Every place in frism speaks of a tensor by its canonical name, `model.layers.<number>.<rest>` or
`model.norm.weight`. What a VLM's files call it is found by `frism.checkpoints.key_map`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from frism.errors import CheckpointError

_PLACE = re.compile(r"^model\.layers\.(\d+)\.")
_MATRIX = re.compile(r"^model\.layers\.(\d+)\.([\w.]+)\.(\w+)\.weight$")
_LAST_NORM = "model.norm.weight"


def is_matrix(canonical: str, shape: Sequence[int]) -> bool:
    """Tells whether a tensor of a language model is a linear matrix of one of its layers.

    Embeddings and head are no such matrices: a merge keeps the VLM's own.
    """
    return len(shape) == 2 and _MATRIX.match(canonical) is not None


def is_vector(canonical: str, shape: Sequence[int]) -> bool:
    """Tells whether a tensor of a language model is a norm or a bias.

    Most merge methods keep the VLM's; some merge them like matrices.
    """
    inside = layer_of(canonical) is not None or canonical == _LAST_NORM
    return inside and len(shape) == 1


def layer_of(canonical: str) -> int | None:
    """Returns the layer of a canonical name, or None where it belongs to none."""
    match = _PLACE.match(canonical)
    return int(match.group(1)) if match else None


def in_order(names: Iterable[str]) -> list[str]:
    """Returns canonical names by layer number, the last norm behind the last layer, and name."""
    return sorted(names, key=lambda name: (_layer_or_last(name), name))


def secant_key(canonical: str) -> str:
    """Returns the key of a matrix's slopes in the file whose canonical names hold curvature."""
    return f"{canonical}.secant"


def split_name(canonical: str) -> tuple[int, str, str]:
    """Splits a matrix's name into layer index, block and projection, for tables and figures.

    Raises:
        CheckpointError: the name is not canonical.
    """
    match = _MATRIX.match(canonical)
    if match is None:
        raise CheckpointError(
            f"'{canonical}' is no name of a language-model matrix; expected "
            "model.layers.<number>.<block>.<projection>.weight"
        )
    return int(match.group(1)), match.group(2), match.group(3)


def _layer_or_last(canonical: str) -> float:
    layer = layer_of(canonical)
    return float("inf") if layer is None else layer
