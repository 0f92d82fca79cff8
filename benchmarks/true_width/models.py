"""A pair of the width of Qwen2.5-0.5B with seeded weights, whose merge is known in advance.

All weights of layers are small whole numbers times 2^-11, so base, LRM and VLM are exact in
bfloat16, and so are their differences: the LRM's task vector is `A B 2^-11` with A, [m, 8], and
B, [8, n], of -1, 0 and 1, so its rank is 8 and its singular values follow from A and B alone.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image

from frism.arithmetic.randomness import generator
from frism.checkpoints.names import is_matrix
from frism.embedded import vocabulary as v

GRID = 2.0**-11
RANK = 8
LM_VOCABULARY, VLM_VOCABULARY = 151_936, 152_064
TEXT = {
    "hidden_size": 896,
    "intermediate_size": 4864,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32_768,
    "bos_token_id": None,
    "eos_token_id": v.TOKEN_ID[v.END],
    "pad_token_id": v.TOKEN_ID[v.PAD],
}
ROPE = {"rope_type": "default", "rope_theta": 1e6}
Weights = Callable[[str, torch.Tensor], torch.Tensor]


def make_models(folder: Path, layers: int) -> None:
    """Saves base, LRM and VLM as on the hub, in bfloat16."""
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2Config,
        Qwen2ForCausalLM,
    )

    text = {**TEXT, "num_hidden_layers": layers, "vocab_size": LM_VOCABULARY}
    causal = Qwen2Config(**text, rope_parameters=ROPE, tie_word_embeddings=True)
    for role in ("base", "lrm"):
        model = _empty(Qwen2ForCausalLM, causal)
        _fill(model, "", _lrm_weights if role == "lrm" else _base_weights)
        _save(model, folder / role, v.build_tokenizer(), "5GB")
    vision = Qwen2_5_VLConfig(
        text_config={
            **text,
            "vocab_size": VLM_VOCABULARY,
            "rope_parameters": {**ROPE, "mrope_section": [8, 12, 12]},
        },
        vision_config=_vision(),
        tie_word_embeddings=True,
        image_token_id=v.TOKEN_ID[v.IMAGE],
        video_token_id=v.TOKEN_ID[v.VIDEO],
        vision_start_token_id=v.TOKEN_ID[v.VISION_START],
        vision_end_token_id=v.TOKEN_ID[v.VISION_END],
    )
    model = _empty(Qwen2_5_VLForConditionalGeneration, vision)
    _fill(model, "model.language_model.", _vlm_weights)
    _save(model, folder / "vlm", v.build_processor(), "400MB")


def factors(name: str, m: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns A, [m, 8], and B, [8, n], of the LRM's task vector of a matrix."""
    random = generator(1, "low rank", name)
    a, b = (torch.randint(-1, 2, shape, generator=random) for shape in ((m, RANK), (RANK, n)))
    return a.float(), b.float()


def singular_values(name: str, m: int, n: int) -> torch.Tensor:
    """Returns the singular values of that task vector, [8], float64, from its factors alone."""
    a, b = (part.double() for part in factors(name, m, n))
    small = torch.linalg.qr(a).R @ torch.linalg.qr(b.T).R.T
    found: torch.Tensor = torch.linalg.svdvals(small) * GRID
    return found


def calibration(path: Path, count: int) -> None:
    """Writes calibration questions about images of random glyphs."""
    random = np.random.default_rng(0)
    rows = []
    for index in range(count):
        pixels = random.integers(0, 256, (v.GLYPH_SIZE, v.GLYPH_SIZE * 4, 3)).astype(np.uint8)
        picture = io.BytesIO()
        Image.fromarray(pixels).save(picture, "png")
        image = base64.b64encode(picture.getvalue()).decode()
        rows.append({"index": index, "image": image, "question": "read"})
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, sep="\t", index=False)


def _vision() -> dict[str, Any]:
    return {
        "depth": 2,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_heads": 4,
        "out_hidden_size": TEXT["hidden_size"],
        "patch_size": v.PATCH_SIZE,
        "spatial_merge_size": v.MERGE_SIZE,
        "temporal_patch_size": 1,
        "window_size": 16 * v.GLYPH_SIZE,
        "fullatt_block_indexes": [0, 1],
    }


def _empty(kind: Any, config: Any) -> Any:
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        return kind(config)
    finally:
        torch.set_default_dtype(before)


def _fill(model: Any, prefix: str, weights: Weights) -> None:
    """Replaces the matrices of the language model's layers."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            canonical = f"model.{name.removeprefix(prefix).removeprefix('model.')}"
            if name.startswith(prefix) and is_matrix(canonical, parameter.shape):
                parameter.copy_(weights(canonical, parameter))


def _base_weights(name: str, like: torch.Tensor) -> torch.Tensor:
    random = generator(0, "base", name)
    whole = torch.randn(like.shape, generator=random).mul(40).round().clamp(-96, 96)
    return whole * GRID


def _lrm_weights(name: str, like: torch.Tensor) -> torch.Tensor:
    a, b = factors(name, like.shape[0], like.shape[1])
    return _base_weights(name, like) + (a @ b) * GRID


def _vlm_weights(name: str, like: torch.Tensor) -> torch.Tensor:
    random = generator(2, "vlm", name)
    return _base_weights(name, like) + torch.randint(-2, 3, like.shape, generator=random) * GRID


def _save(model: Any, folder: Path, preprocessor: Any, shard: str) -> None:
    model.generation_config.eos_token_id = v.TOKEN_ID[v.END]
    model.generation_config.pad_token_id = v.TOKEN_ID[v.PAD]
    model.save_pretrained(folder, max_shard_size=shard)
    preprocessor.save_pretrained(folder)
