"""How large the models of a pair are: all that an estimate reads of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import prod

from frism.checkpoints.key_map import LanguageModel
from frism.checkpoints.names import layer_of

ROLES = ("vlm", "lrm", "base", "vlm_base")
STORED = {"float32": 4, "bfloat16": 2, "float16": 2}
# in the order in which they are looked for
HEADERS, GIVEN, GUESSED = "headers", "size of the pair", "assumed to be as Qwen2.5-VL-7B"
KEYS_AND_VALUES = ("k_proj", "v_proj")


@dataclass(frozen=True)
class ModelSize:
    """One model of a pair.

    Args:
        reference: As in the pair: a folder, or `owner/name@revision`.
        nbytes: Size of all its tensors.
        matrices: Size of the linear matrices of its language model.
        remote: Whether its weights are still on the hub.
    """

    reference: str
    nbytes: int
    matrices: int
    remote: bool


@dataclass(frozen=True)
class PairSize:
    """The models of a pair.

    Args:
        shapes: Shapes [m, n] of all linear matrices of the VLM's language model.
        layers: Their layers.
        keys: Numbers that a token leaves behind as keys and values, in all layers.
        parameters: All parameters of the VLM.
        models: The models by role; `vlm_base` only where the pair names it.
        source: Where all this was taken from.
    """

    shapes: tuple[tuple[int, int], ...]
    layers: int
    keys: int
    parameters: int
    models: Mapping[str, ModelSize]
    source: str = HEADERS


def of_models(
    models: Mapping[str, LanguageModel], references: Mapping[str, str], remote: Collection[str]
) -> PairSize:
    """Returns the size of models that are open.

    Args:
        models: The models by role, the VLM among them.
        references: What the pair calls them.
        remote: Roles whose weights are on the hub.
    """
    vlm = models["vlm"]
    sizes = {
        role: ModelSize(
            references[role],
            sum(info.nbytes for info in model.checkpoint.tensors.values()),
            sum(model.checkpoint.info(own).nbytes for own in model.matrices.values()),
            role in remote,
        )
        for role, model in models.items()
    }
    shapes = tuple((shape[0], shape[1]) for shape in vlm.shapes.values())
    return PairSize(
        shapes,
        1 + max((layer_of(name) or 0 for name in vlm.matrices), default=0),
        _keys(vlm),
        sum(prod(info.shape) for info in vlm.checkpoint.tensors.values()),
        sizes,
    )


def _keys(model: LanguageModel) -> int:
    rows = [s[0] for name, s in model.shapes.items() if name.split(".")[-2] in KEYS_AND_VALUES]
    # fused or renamed projections: no more than two hidden states a layer
    return sum(rows) or 2 * sum({layer_of(n): min(s) for n, s in model.shapes.items()}.values())
