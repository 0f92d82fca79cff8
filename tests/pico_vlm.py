"""A Qwen2.5-VL and a Qwen2 of a few thousand parameters, saved as on the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from frism.embedded import vocabulary as v

HIDDEN, LAYERS, HEADS = 32, 2, 2
ROPE = {"rope_type": "default", "rope_theta": 20.0}
# wide weights, or greedy answers of random models collapse to one repeated word
INITIALIZER_RANGE = 0.5


def save_vlm(directory: Path, seed: int = 0, **sizes: int) -> Path:
    """Saves a VLM with random weights, its tokenizer and processor."""
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(_vlm_config(**sizes))
    return _save(model, v.build_processor(), directory)


def save_lrm(directory: Path, seed: int = 0, **sizes: int) -> Path:
    """Saves a text model with random weights and its tokenizer."""
    torch.manual_seed(seed)
    model = Qwen2ForCausalLM(Qwen2Config(**_text(**sizes), rope_parameters=ROPE))
    return _save(model, v.build_tokenizer(), directory)


def _save(model: Any, preprocessor: Any, directory: Path) -> Path:
    model.generation_config.eos_token_id = v.TOKEN_ID[v.END]
    model.generation_config.pad_token_id = v.TOKEN_ID[v.PAD]
    model.save_pretrained(directory)
    preprocessor.save_pretrained(directory)
    return directory


def _vlm_config(**sizes: int) -> Qwen2_5_VLConfig:
    text = _text(**sizes)
    section = text["hidden_size"] // text["num_attention_heads"] // 2
    text["rope_parameters"] = {**ROPE, "mrope_section": [1, 1, section - 2]}
    vision = {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_heads": 2,
        "out_hidden_size": text["hidden_size"],
        "patch_size": v.PATCH_SIZE,
        "spatial_merge_size": v.MERGE_SIZE,
        "temporal_patch_size": 1,
        "window_size": 4 * v.GLYPH_SIZE,
        "fullatt_block_indexes": [0, 1],
        "initializer_range": INITIALIZER_RANGE,
    }
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=v.TOKEN_ID[v.IMAGE],
        video_token_id=v.TOKEN_ID[v.VIDEO],
        vision_start_token_id=v.TOKEN_ID[v.VISION_START],
        vision_end_token_id=v.TOKEN_ID[v.VISION_END],
        tie_word_embeddings=True,
    )


def _text(hidden: int = HIDDEN, layers: int = LAYERS, heads: int = HEADS) -> dict[str, Any]:
    return {
        "vocab_size": len(v.TOKEN_ID),
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads // 2,
        "max_position_embeddings": 1024,
        "initializer_range": INITIALIZER_RANGE,
        "tie_word_embeddings": True,
        "bos_token_id": None,
        "eos_token_id": v.TOKEN_ID[v.END],
        "pad_token_id": v.TOKEN_ID[v.PAD],
    }
