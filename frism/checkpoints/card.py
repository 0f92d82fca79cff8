"""The merge card: what a merged checkpoint was made of, the same for the same inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from frism.checkpoints.key_map import LanguageModel

CARD_FILE = "merge_card.json"
PACKAGES = ("torch", "transformers", "safetensors", "numpy")


def merge_card(
    hashes: Mapping[str, str],
    inputs: Mapping[str, str],
    gates: Mapping[str, Any] | None,
    method: str,
    parameters: Mapping[str, float | str],
    relative_change: float,
    tensors: Mapping[str, Mapping[str, list[str]]],
    notes: Iterable[str],
) -> str:
    """Returns the card as JSON text; it has no date, so equal merges have equal cards.

    Args:
        hashes: Content hash of the weights by role (`base`, `vlm`, `lrm`, `merged`).
        inputs: Content hash of the files the merge was given beside models, such as `subspaces`
            and `gates`; empty where the method needs none.
        gates: How the gates were trained, None for methods without.
        method: Slug of the merge method.
        parameters: Its parameters.
        relative_change: `||W_merged - W_vlm||_F / ||W_vlm||_F` over the merged tensors.
        tensors: Names by fate and class, from `tensor_fates`.
        notes: What the reader of the merge should know, such as differing rope.
    """
    card = {
        "schema": 1,
        "method": method,
        "parameters": dict(parameters),
        "weights": dict(hashes),
        "inputs": dict(inputs),
        "gates": gates,
        "relative_change": relative_change,
        "tensors": {
            fate: {"count": sum(map(len, classes.values())), "names": dict(classes)}
            for fate, classes in tensors.items()
        },
        "notes": list(notes),
        "versions": package_versions(),
    }
    return json.dumps(card, indent=2, sort_keys=True) + "\n"


def tensor_fates(
    vlm: LanguageModel, lrm: LanguageModel, vectors: bool = False
) -> dict[str, dict[str, list[str]]]:
    """Sorts tensors into matched (merged), copied (the VLM's own), skipped (the LRM's, unused).

    Args:
        vlm: The VLM.
        lrm: The LRM.
        vectors: Whether norms and biases of the language model are merged, too.
    """
    ours, theirs = vlm.canonical(vectors), lrm.canonical(vectors)
    return {
        "matched": _by_class(vlm, ours),
        "copied": _by_class(vlm, (name for name in vlm.checkpoint.tensors if name not in ours)),
        "skipped": _by_class(lrm, (name for name in lrm.checkpoint.tensors if name not in theirs)),
    }


def tensor_class(name: str, canonical: str | None) -> str:
    """Names the class of a tensor: projection, bias, norm, embedding, head or vision.

    Args:
        name: Its name in the checkpoint.
        canonical: Its canonical name if it is one of the language model's layers.
    """
    if canonical:
        kinds = {"norm": "norm", ".bias": "bias"}
        return next((k for part, k in kinds.items() if part in canonical), name.split(".")[-2])
    classes = {"embed_tokens": "embedding", "lm_head": "head"}
    return next((label for part, label in classes.items() if part in name), "vision")


def package_versions() -> dict[str, str]:
    """Returns the versions of frism and of the packages that shape a merge, without importing."""
    from frism import __version__

    return {"frism": __version__} | {package: version(package) for package in PACKAGES}


def _by_class(model: LanguageModel, names: Iterable[str]) -> dict[str, list[str]]:
    known = model.canonical(vectors=True)
    classes: dict[str, list[str]] = {}
    for name in names:
        classes.setdefault(tensor_class(name, known.get(name)), []).append(name)
    return dict(sorted(classes.items()))
