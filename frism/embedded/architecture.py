"""The three models of a family: real transformers classes at a size that trains in minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from frism.embedded import vocabulary as v

if TYPE_CHECKING:
    from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2ForCausalLM

TEXT = {
    "vocab_size": len(v.TOKEN_ID),
    "hidden_size": 96,
    "intermediate_size": 192,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "rms_norm_eps": 1e-6,  # the defaults of Qwen2 and Qwen2.5-VL differ
    "bos_token_id": None,
    "eos_token_id": v.TOKEN_ID[v.END],
    "pad_token_id": v.TOKEN_ID[v.PAD],
}
# Short contexts: at the usual theta of 1e4 a model this small cannot tell positions apart.
ROPE_THETA = 20.0
# All rotary frequencies follow the width axis: the images are single rows, and a glyph then has the
# position that its symbol has in a text. Sections given to the time or height axis would take the
# fastest frequencies away from images, by which the base tells neighbouring places apart.
MROPE_SECTION = [0, 0, 12]
VISION = {
    "depth": 2,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_heads": 4,
    "patch_size": v.PATCH_SIZE,
    "spatial_merge_size": v.MERGE_SIZE,
    "temporal_patch_size": 1,
    "window_size": 16 * v.GLYPH_SIZE,
    "fullatt_block_indexes": [0, 1],
    "out_hidden_size": TEXT["hidden_size"],
}


def new_language_model(seed: int) -> Qwen2ForCausalLM:
    """Returns a Qwen2ForCausalLM initialised from `seed`, float32, tied embeddings."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    rope = {"rope_type": "default", "rope_theta": ROPE_THETA}
    torch.manual_seed(seed)
    config = Qwen2Config(**TEXT, rope_parameters=rope, tie_word_embeddings=True)
    return Qwen2ForCausalLM(config)


def new_vlm(base: Qwen2ForCausalLM, seed: int) -> Qwen2_5_VLForConditionalGeneration:
    """Returns a VLM with the language model of `base` and a vision tower made from `seed`."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    rope = {"rope_type": "default", "rope_theta": ROPE_THETA, "mrope_section": MROPE_SECTION}
    config = Qwen2_5_VLConfig(
        text_config={**TEXT, "rope_parameters": rope},
        vision_config=VISION,
        tie_word_embeddings=True,
        image_token_id=v.TOKEN_ID[v.IMAGE],
        video_token_id=v.TOKEN_ID[v.VIDEO],
        vision_start_token_id=v.TOKEN_ID[v.VISION_START],
        vision_end_token_id=v.TOKEN_ID[v.VISION_END],
        eos_token_id=v.TOKEN_ID[v.END],
        pad_token_id=v.TOKEN_ID[v.PAD],
    )
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(config)
    model.model.language_model.load_state_dict(base.model.state_dict())
    return model
