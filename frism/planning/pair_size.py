"""How large the models of a pair are before they are there.

It is taken from the headers of the weights where these are on disk, else from `size` of the pair's
YAML, else a pair of 7B is assumed. Importing it needs no torch, so that a Snakefile may.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from frism.checkpoints.key_map import LanguageModel, causal_lm, language_model
from frism.checkpoints.reader import Checkpoint
from frism.config.pair_tree import PairCheckpoints
from frism.config.places import place
from frism.config.size import Size
from frism.errors import CheckpointError
from frism.planning.size import (
    GIVEN,
    GUESSED,
    HEADERS,
    ROLES,
    STORED,
    ModelSize,
    PairSize,
    of_models,
)

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
