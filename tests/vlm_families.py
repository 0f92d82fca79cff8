"""Families of VLM with their real classes and a few ten thousand parameters, as on the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import GenerationConfig

from tests import vlm_recipes as recipes
from tests.vlm_layouts import Layout, save_model
from tests.vlm_recipe import Recipe
from tests.vlm_text import build_tokenizer, token_count

FAMILIES: Mapping[str, Recipe] = {
    "qwen2_vl": recipes.QWEN2_VL,
    "qwen2_5_vl": recipes.QWEN2_5_VL,
    "qwen3_vl": recipes.QWEN3_VL,
    "llava_next": recipes.LLAVA_NEXT,
    "idefics2": recipes.IDEFICS2,
    "idefics3": recipes.IDEFICS3,
    "smolvlm": recipes.SMOLVLM,
    "internvl": recipes.INTERNVL,
    "internvl_qwen3": recipes.INTERNVL_QWEN3,
}
# of norms and biases too: as transformers makes them, they are all ones and zeros
BASE_SPREAD = 0.05
LRM_CHANGE, VLM_CHANGE = 0.03, 0.01


@dataclass(frozen=True)
class Family:
    """Checkpoints of one family: two causal LMs and a VLM."""

    base: Path
    lrm: Path
    vlm: Path


class FamilyMaker(Protocol):
    """`make_family` without a directory; the same words give the same files."""

    def __call__(self, family: str, **options: Any) -> Family: ...


def family_maker(root: Path) -> FamilyMaker:
    """Returns a maker that keeps what it made under `root`, one folder per set of options."""

    @cache
    def make(family: str, **options: Any) -> Family:
        number = sum(1 for _ in root.iterdir())
        return make_family(root / f"{number}_{family}", family, **options)

    return make


def make_family(
    directory: Path,
    family: str,
    *,
    sharded: bool = False,
    tied: bool = False,
    lm_tied: bool | None = None,
    bias: bool = False,
    extra_vocabulary: int = 8,
    layout: Layout = "hub",
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> Family:
    """Saves a base, an LRM and a VLM, the last two made from the base by small random changes.

    Args:
        directory: Where the three folders go.
        family: A key of `FAMILIES`.
        sharded: Three files and an index for each model, or one file.
        tied: Whether the head of the VLM is its embedding.
        lm_tied: The same for base and LRM; as in the VLM if None.
        bias: Biases of the language model, where its configuration has a switch.
        extra_vocabulary: How many rows of embedding and head the VLM has beyond the LM's.
        layout: Names and configuration as on the hub, or as in memory.
        dtype: Type of all weights.
        seed: Of all random numbers.
    """
    recipe = FAMILIES[family]
    torch.manual_seed(seed)
    size = token_count(recipe.words, sees=True)
    known = max(token_count(recipe.words, sees=False), size - extra_vocabulary)
    switches = dict.fromkeys(recipe.switches, bias)
    base = _causal(recipe, known, tied if lm_tied is None else lm_tied, switches)
    _add_noise(base, BASE_SPREAD)
    vlm = _vlm(recipe, known + extra_vocabulary, tied, switches)
    _adopt(vlm, base)
    _add_noise(vlm, VLM_CHANGE)
    _silence(vlm, recipe, size)
    made = Family(directory / "base", directory / "lrm", directory / "vlm")
    _save(base, made.base, recipe, layout, sharded, dtype)
    _add_noise(base, LRM_CHANGE)
    _save(base, made.lrm, recipe, layout, sharded, dtype)
    _save(vlm, made.vlm, recipe, layout, sharded, dtype)
    return made


def _causal(recipe: Recipe, vocabulary: int, tied: bool, switches: Mapping[str, bool]) -> Any:
    sizes = _text_sizes(recipe, vocabulary, switches)
    rope = {"rope_type": "default", "rope_theta": 1e4}
    config = recipe.causal.config_class(**sizes, rope_parameters=rope, tie_word_embeddings=tied)
    return recipe.causal(config)


def _vlm(recipe: Recipe, vocabulary: int, tied: bool, switches: Mapping[str, bool]) -> Any:
    sizes = _text_sizes(recipe, vocabulary, switches)
    sizes["rope_parameters"] = {"rope_type": "default", "rope_theta": 1e4, **recipe.mrope}
    config_class = recipe.model.config_class
    if not recipe.mrope:  # a family that takes any language model
        sizes["model_type"] = recipe.causal.config_class.model_type
    known = build_tokenizer(recipe.words, sees=True).convert_tokens_to_ids
    config = config_class(
        text_config=sizes,
        vision_config=dict(recipe.vision),
        tie_word_embeddings=tied,
        **{key: known(token) for key, token in recipe.tokens.items()},
        **recipe.rest,
    )
    return recipe.model(config)


def _text_sizes(recipe: Recipe, vocabulary: int, switches: Mapping[str, bool]) -> dict[str, Any]:
    return {
        "vocab_size": vocabulary,
        "hidden_size": recipes.HIDDEN,
        "intermediate_size": 48,
        "num_hidden_layers": recipes.LAYERS,
        "num_attention_heads": recipes.HEADS,
        "num_key_value_heads": recipes.KEY_VALUE_HEADS,
        "max_position_embeddings": 512,
        "initializer_range": recipes.INITIALIZER_RANGE,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": None,
        **recipe.text,
        **switches,
    }


def _adopt(vlm: Any, base: Any) -> None:
    """Gives the VLM the base's language model; rows of added tokens stay as they are."""
    ours, theirs = vlm.get_decoder().state_dict(), base.model.state_dict()
    with torch.no_grad():
        for name, tensor in theirs.items():
            ours[name][: tensor.shape[0]] = tensor
        if not vlm.config.tie_word_embeddings:
            head = base.get_output_embeddings().weight
            vlm.get_output_embeddings().weight[: head.shape[0]] = head


def _add_noise(model: Any, scale: float) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=scale)


def _silence(vlm: Any, recipe: Recipe, known: int) -> None:
    """Keeps the random model from answering with images or with rows that no token has."""
    images = [getattr(vlm.config, key) for key in recipe.tokens]
    with torch.no_grad():
        head = vlm.get_output_embeddings().weight
        head[images] *= 0.01
        head[known:] *= 0.01


def _save(
    model: Any, directory: Path, recipe: Recipe, layout: Layout, sharded: bool, dtype: torch.dtype
) -> None:
    model.generation_config = GenerationConfig(pad_token_id=0, eos_token_id=1)
    save_model(model.to(dtype), directory, recipe, layout, sharded)
    model.float()  # the LRM is made from what the base's file holds
    sees = isinstance(model, recipe.model)
    tokenizer = build_tokenizer(recipe.words, sees)
    written = recipe.processor(tokenizer, recipe.words.chat_template) if sees else tokenizer
    written.save_pretrained(directory)
