"""A family of real architectures with a few thousand parameters, saved as on the hub."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image
from transformers import (
    PreTrainedModel,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from frism.checkpoints.key_map import causal_lm
from frism.checkpoints.reader import Checkpoint
from frism.embedded import vocabulary as v

HIDDEN, LAYERS, QUESTIONS = 32, 2, 12
MATRICES = 7 * LAYERS
# wide enough that a random model gives different answers to different questions
INITIALIZER_RANGE = 0.3
TASK_VECTOR_SCALE = 0.05


@dataclass(frozen=True)
class Pico:
    """Checkpoints of one family and its calibration questions."""

    base: Path
    lrm: Path
    vlm: Path
    calibration: Path


def make_pico(
    directory: Path,
    tied: bool = True,
    dtype: torch.dtype = torch.float32,
    max_shard_size: str = "5GB",
    seed: int = 2,
) -> Pico:
    """Saves a base, an LRM (the base plus a random task vector), a VLM and questions."""
    torch.manual_seed(seed)
    base = Qwen2ForCausalLM(Qwen2Config(**_text(tied), rope_parameters=_rope()))
    vlm = Qwen2_5_VLForConditionalGeneration(_vlm_config(tied))
    vlm.model.language_model.load_state_dict(base.model.state_dict())
    add_noise(vlm, 0.01)
    with torch.no_grad():  # or the random model would answer with images
        vlm.get_output_embeddings().weight[[v.TOKEN_ID[v.IMAGE], v.TOKEN_ID[v.VIDEO]]] = 0
    models: dict[str, PreTrainedModel] = {"base": base, "vlm": vlm}
    for role, model in models.items():
        _save(model.to(dtype), directory / role, max_shard_size)
    add_noise(base.float(), TASK_VECTOR_SCALE)
    _save(base.to(dtype), directory / "lrm", max_shard_size)
    calibration = directory / "calibration.tsv"
    calibration_table(seed).to_csv(calibration, sep="\t", index=False)
    return Pico(directory / "base", directory / "lrm", directory / "vlm", calibration)


def task_vectors(models: Pico) -> dict[str, torch.Tensor]:
    """Returns the LRM minus the base of each matrix by canonical name, in the models' type."""
    base, lrm = Checkpoint(models.base), Checkpoint(models.lrm)
    return {name: lrm.tensor(name) - base.tensor(name) for name in merged_names(lrm)}


def merged_names(checkpoint: Checkpoint, vectors: bool = False) -> dict[str, str]:
    """Returns the canonical names of what is merged by the names in a checkpoint."""
    return causal_lm(checkpoint).canonical(vectors)


def calibration_table(seed: int) -> pd.DataFrame:
    """Returns questions about rows of random glyphs."""
    rng = np.random.default_rng(seed)
    rows = []
    for index in range(QUESTIONS):
        pixels = rng.integers(0, 255, (v.GLYPH_SIZE, v.GLYPH_SIZE * rng.integers(2, 6), 3))
        picture = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(picture, "png")
        words = rng.choice(["read", "item", "count", "now"], size=rng.integers(1, 4))
        image = base64.b64encode(picture.getvalue()).decode()
        rows.append({"index": index, "image": image, "question": " ".join(words)})
    return pd.DataFrame(rows)


def add_noise(model: torch.nn.Module, scale: float) -> None:
    """Moves every parameter by normal noise."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=scale)


def _save(model: Any, directory: Path, max_shard_size: str) -> None:
    model.generation_config.eos_token_id = v.TOKEN_ID[v.END]
    model.generation_config.pad_token_id = v.TOKEN_ID[v.PAD]
    model.save_pretrained(directory, max_shard_size=max_shard_size)
    sees = isinstance(model, Qwen2_5_VLForConditionalGeneration)
    (v.build_processor() if sees else v.build_tokenizer()).save_pretrained(directory)


def _vlm_config(tied: bool) -> Qwen2_5_VLConfig:
    vision = {
        "depth": 1,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": HIDDEN,
        "patch_size": v.PATCH_SIZE,
        "spatial_merge_size": v.MERGE_SIZE,
        "temporal_patch_size": 1,
        "window_size": 16 * v.GLYPH_SIZE,
        "fullatt_block_indexes": [0],
        "initializer_range": INITIALIZER_RANGE,
    }
    return Qwen2_5_VLConfig(
        text_config=_text(tied) | {"rope_parameters": _rope() | {"mrope_section": [1, 1, 2]}},
        vision_config=vision,
        tie_word_embeddings=tied,
        image_token_id=v.TOKEN_ID[v.IMAGE],
        video_token_id=v.TOKEN_ID[v.VIDEO],
        vision_start_token_id=v.TOKEN_ID[v.VISION_START],
        vision_end_token_id=v.TOKEN_ID[v.VISION_END],
    )


def _rope() -> dict[str, Any]:
    return {"rope_type": "default", "rope_theta": 20.0}


def _text(tied: bool) -> dict[str, Any]:
    return {
        "vocab_size": len(v.TOKEN_ID),
        "hidden_size": HIDDEN,
        "intermediate_size": 48,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "initializer_range": INITIALIZER_RANGE,
        "tie_word_embeddings": tied,
        "bos_token_id": None,
        "eos_token_id": v.TOKEN_ID[v.END],
        "pad_token_id": v.TOKEN_ID[v.PAD],
    }
