"""How large the models of a pair are: all that an estimate reads of them.

It is taken from the headers of the weights where these are on disk, else from `size` of the pair's
YAML, else a pair of 7B is assumed. Importing it needs no torch, so that a Snakefile may.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from frism.checkpoints.key_map import LanguageModel, causal_lm, language_model
from frism.checkpoints.names import layer_of
from frism.checkpoints.reader import Checkpoint
from frism.config.pair_tree import PairCheckpoints
from frism.config.places import place
from frism.config.size import Size
from frism.errors import CheckpointError

ROLES = ("vlm", "lrm", "base", "vlm_base")
STORED = {"float32": 4, "bfloat16": 2, "float16": 2}
# in the order in which they are looked for
HEADERS, GIVEN, GUESSED = "headers", "size of the pair", "assumed to be as Qwen2.5-VL-7B"
# Qwen2.5-VL-7B's
ASSUMED = Size(
    layers=28,
    hidden=3584,
    heads=28,
    kv_heads=4,
    intermediate=18944,
    vocabulary=152064,
    vision=676550144,
)
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


def of_pair(pair: PairCheckpoints) -> PairSize:
    """Returns the size of a pair; looks at the disk, never at the hub."""
    named = {role: getattr(pair, role) for role in ROLES if getattr(pair, role)}
    there = {role: found for role, found in _opened(pair, named).items() if found}
    if len(there) == len(named):
        return of_models(there, named, ())
    guessed = _of_block(pair.size or ASSUMED, named, GIVEN if pair.size else GUESSED)
    if "vlm" not in there:
        return guessed
    real = of_models(there, named, ())
    return PairSize(
        real.shapes,
        real.layers,
        real.keys,
        real.parameters,
        {**guessed.models, **real.models},
        guessed.source if set(named) - set(there) else HEADERS,
    )


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


def _of_block(size: Size, named: Mapping[str, str], source: str) -> PairSize:
    item, inside = STORED[size.dtype], size.layers * sum(m * n for m, n in size.shapes)
    sizes = {
        role: ModelSize(
            reference,
            (size.language + (size.vision if role == "vlm" else 0)) * item,
            inside * item,
            remote=True,
        )
        for role, reference in named.items()
    }
    keys = size.layers * (size.shapes[1][0] + size.shapes[2][0])
    parameters = size.language + size.vision
    return PairSize(size.shapes * size.layers, size.layers, keys, parameters, sizes, source)


def _opened(pair: PairCheckpoints, named: Mapping[str, str]) -> dict[str, LanguageModel | None]:
    """Opens the models that are on disk; of one that is not sound, the run will say so."""
    found: dict[str, LanguageModel | None] = {}
    for role in sorted(named, key="vlm".__eq__):
        try:
            own, lrm = Checkpoint(Path(place(named[role]))), found.get("lrm")
            if role != "vlm":
                found[role] = causal_lm(own)
            elif lrm:
                found[role] = language_model(own, lrm, pair.key_map)
        except CheckpointError:
            found[role] = None
    return found


def _keys(model: LanguageModel) -> int:
    rows = [s[0] for name, s in model.shapes.items() if name.split(".")[-2] in KEYS_AND_VALUES]
    # fused or renamed projections: no more than two hidden states a layer
    return sum(rows) or 2 * sum({layer_of(n): min(s) for n, s in model.shapes.items()}.values())
