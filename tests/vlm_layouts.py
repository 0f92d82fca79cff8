"""Writes a model as the hub holds it, or with the names that it has in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file

from tests.vlm_recipe import Prefixes, Recipe

Layout = Literal["hub", "memory"]
SHARDS = 3


def save_model(model: Any, directory: Path, recipe: Recipe, layout: Layout, sharded: bool) -> None:
    """Writes configurations and weights of a causal LM or a VLM.

    Args:
        model: The model, in the type that the files shall have.
        directory: Where to write.
        recipe: Its family.
        layout: Names and configuration as on the hub, or as in memory.
        sharded: Three files and an index, or one file.
    """
    directory.mkdir(parents=True)
    model.config.architectures = [type(model).__name__]
    model.config.dtype = model.dtype
    model.config.save_pretrained(directory)
    model.generation_config.save_pretrained(directory)
    sees = isinstance(model, recipe.model)
    prefixes = recipe.hub if sees and layout == "hub" else ()
    if layout == "hub":
        file = directory / "config.json"
        config = hub_config(json.loads(file.read_text()), flat=sees and recipe.flat)
        file.write_text(json.dumps(config, indent=2))
    _save_weights(tensors_of(model, prefixes), directory, sharded)


def tensors_of(model: Any, prefixes: Prefixes) -> dict[str, torch.Tensor]:
    """Returns the tensors of a file by name: a tied head is not among them."""
    tied = model.get_output_embeddings().weight is model.get_input_embeddings().weight
    return {
        renamed(name, prefixes): tensor.contiguous()
        for name, tensor in model.state_dict().items()
        if not (tied and name == "lm_head.weight")
    }


def read_weights(directory: Path) -> dict[str, torch.Tensor]:
    """Reads every file of weights of a folder."""
    return {k: v for file in directory.glob("*.safetensors") for k, v in load_file(file).items()}


def renamed(name: str, prefixes: Prefixes) -> str:
    """Exchanges the first prefix that fits."""
    for ours, theirs in prefixes:
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    return name


def hub_config(config: Mapping[str, Any], flat: bool) -> dict[str, Any]:
    """Returns a configuration as transformers 4 wrote it, as nearly all files of the hub are.

    Rope stands in `rope_theta` and `rope_scaling`, the type in `torch_dtype`; in that of Qwen2-VL
    and Qwen2.5-VL the language model's keys stand at the top.
    """
    old = {key: value for key, value in config.items() if key not in ("rope_parameters", "dtype")}
    if "dtype" in config:
        old["torch_dtype"] = config["dtype"]
    old |= _old_rope(dict(config.get("rope_parameters") or {}), flat)
    parts = [key for key in old if key.endswith("_config")]
    old |= {key: hub_config(old[key], flat) for key in parts}
    text = old.pop("text_config", {}) if flat else {}
    return _without(text, "model_type") | old


def _old_rope(rope: dict[str, Any], flat: bool) -> dict[str, Any]:
    if rope.get("rope_type") != "default":  # the axial rope of a vision tower was not written
        return {}
    old: dict[str, Any] = {"rope_theta": rope.pop("rope_theta")}
    if "mrope_section" in rope:
        old["rope_scaling"] = {"type": "mrope", **_without(rope, "rope_type")} if flat else rope
    return old


def _without(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}


def _save_weights(tensors: Mapping[str, torch.Tensor], directory: Path, sharded: bool) -> None:
    if not sharded:
        save_file(dict(tensors), directory / "model.safetensors", {"format": "pt"})
        return
    weight_map: dict[str, str] = {}
    # as on the hub, matrices of one layer may lie in different files
    all_names, length = list(tensors), -(-len(tensors) // SHARDS)
    for number in range(SHARDS):
        names = all_names[number * length : (number + 1) * length]
        file = f"model-{number + 1:05d}-of-{SHARDS:05d}.safetensors"
        save_file({name: tensors[name] for name in names}, directory / file, {"format": "pt"})
        weight_map |= dict.fromkeys(names, file)
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))
