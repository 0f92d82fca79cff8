"""Names of language-model matrices in a causal LM and in a VLM.

A causal LM's files carry `model.layers.*`; so do the hub files of Qwen2.5-VL, beside `visual.*`,
while the object in memory carries `model.language_model.layers.*` and `model.visual.*`. Every
place in frism speaks of a matrix by its name in the causal LM, the canonical name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from frism.errors import CheckpointError

_MATRIX = re.compile(
    r"^(?:model\.language_model|language_model\.model|model)\."
    r"(layers\.\d+\.(?:self_attn|mlp)\.\w+_proj\.weight)$"
)
_VECTOR = re.compile(
    r"^(?:model\.language_model|language_model\.model|model)\."
    r"((?:layers\.\d+\.[\w.]*?\w*(?:norm\.weight|\.bias))|norm\.weight)$"
)
_PLACE = re.compile(r"^model\.layers\.(\d+)\.")
_LAYER = re.compile(r"^model\.layers\.(\d+)\.(self_attn|mlp)\.(\w+)\.weight$")


def canonical_name(name: str) -> str | None:
    """Returns the causal-LM name of a language-model linear matrix, or None for other tensors.

    Embeddings, head, norms, biases and the vision tower are no such matrices: a merge keeps the
    VLM's own.
    """
    match = _MATRIX.match(name)
    return f"model.{match.group(1)}" if match else None


def vector_name(name: str) -> str | None:
    """Returns the causal-LM name of a norm or bias of the language model, or None for others.

    Most merge methods keep the VLM's; some merge them like matrices.
    """
    match = _VECTOR.match(name)
    return f"model.{match.group(1)}" if match else None


def layer_of(canonical: str) -> int | None:
    """Returns the layer of a canonical name, or None where it belongs to none."""
    match = _PLACE.match(canonical)
    return int(match.group(1)) if match else None


def matrix_names(names: Iterable[str]) -> dict[str, str]:
    """Maps canonical names to the names in this checkpoint or module, in layer order."""
    found = {canonical: name for name in names if (canonical := canonical_name(name))}
    return dict(sorted(found.items(), key=lambda item: sort_key(item[0])))


def sort_key(canonical: str) -> tuple[int, str, str]:
    """Orders canonical names by layer number, block and projection."""
    layer, block, projection = split_name(canonical)
    return layer, block, projection


def secant_key(canonical: str) -> str:
    """Returns the key of a matrix's slopes in the file whose canonical names hold curvature."""
    return f"{canonical}.secant"


def split_name(canonical: str) -> tuple[int, str, str]:
    """Splits a canonical name into layer index, block and projection, for tables and figures.

    Raises:
        CheckpointError: the name is not canonical.
    """
    match = _LAYER.match(canonical)
    if match is None:
        raise CheckpointError(
            f"'{canonical}' is no name of a language-model matrix; expected "
            "model.layers.<number>.<self_attn|mlp>.<projection>.weight"
        )
    return int(match.group(1)), match.group(2), match.group(3)
