"""The families of VLM: their real classes, a tiny configuration, names on the hub."""

from __future__ import annotations

from dataclasses import replace

import transformers as tf

from tests import vlm_images as images
from tests import vlm_text as text
from tests.vlm_recipe import Recipe

HIDDEN, LAYERS, HEADS, KEY_VALUE_HEADS = 32, 2, 4, 2
# wide enough that a random model gives different answers to different questions
INITIALIZER_RANGE = 0.3

_QWEN_HUB = (("model.language_model.", "model."), ("model.visual.", "visual."))
_LLAVA_HUB = (
    ("lm_head.", "language_model.lm_head."),
    ("model.language_model.", "language_model.model."),
    ("model.", ""),
)
# transformers has dropped this level from the vision tower; the files on the hub have it
_CLIP_HUB = (("model.vision_tower.", "vision_tower.vision_model."), *_LLAVA_HUB)
_QWEN_TOKENS = {
    "image_token_id": "<|image_pad|>",
    "video_token_id": "<|video_pad|>",
    "vision_start_token_id": "<|vision_start|>",
    "vision_end_token_id": "<|vision_end|>",
}
_LLAMA_SWITCHES = ("attention_bias", "mlp_bias")
_TOWER = {"hidden_size": 16, "intermediate_size": 32, "initializer_range": INITIALIZER_RANGE}
_TWO_LAYERS = _TOWER | {"num_hidden_layers": 2, "num_attention_heads": 2}
_SIGLIP = _TWO_LAYERS | {"image_size": images.SIDE, "patch_size": images.PATCH}
_QWEN_TOWER = _TOWER | {
    "depth": 2,
    "num_heads": 2,
    "patch_size": images.PATCH,
    "spatial_merge_size": images.MERGE,
    "temporal_patch_size": 2,
    "out_hidden_size": HIDDEN,
}

QWEN2_5_VL = Recipe(
    model=tf.Qwen2_5_VLForConditionalGeneration,
    causal=tf.Qwen2ForCausalLM,
    words=text.QWEN_VL,
    processor=images.qwen2_5_vl,
    vision=_QWEN_TOWER | {"window_size": 16, "fullatt_block_indexes": [1]},
    tokens=_QWEN_TOKENS,
    mrope={"mrope_section": [1, 1, 2]},
    biases=True,
    hub=_QWEN_HUB,
    flat=True,
)
QWEN2_VL = replace(
    QWEN2_5_VL,
    model=tf.Qwen2VLForConditionalGeneration,
    processor=images.qwen2_vl,
    vision={
        "depth": 2,
        "embed_dim": 16,
        "hidden_size": HIDDEN,
        "num_heads": 2,
        "mlp_ratio": 2,
        "patch_size": images.PATCH,
        "spatial_merge_size": images.MERGE,
        "temporal_patch_size": 2,
        "initializer_range": INITIALIZER_RANGE,
    },
)
QWEN3_VL = Recipe(
    model=tf.Qwen3VLForConditionalGeneration,
    causal=tf.Qwen3ForCausalLM,
    words=text.QWEN_VL,
    processor=images.qwen3_vl,
    vision=_QWEN_TOWER | {"num_position_embeddings": 16, "deepstack_visual_indexes": [0]},
    tokens=_QWEN_TOKENS,
    # as in the real ones, heads are wider than hidden size by number of heads
    text={"head_dim": 16},
    mrope={"mrope_section": [4, 2, 2], "mrope_interleaved": True},
    switches=("attention_bias",),
)
LLAVA_NEXT = Recipe(
    model=tf.LlavaNextForConditionalGeneration,
    causal=tf.LlamaForCausalLM,
    words=text.LLAVA_NEXT,
    processor=images.llava_next,
    vision=_TWO_LAYERS
    | {
        "model_type": "clip_vision_model",
        "image_size": images.LLAVA_SIDE,
        "patch_size": images.PATCH,
        "projection_dim": 16,
    },
    tokens={"image_token_index": "<image>"},
    rest={
        "image_grid_pinpoints": [
            [images.LLAVA_SIDE, 2 * images.LLAVA_SIDE],
            [2 * images.LLAVA_SIDE, images.LLAVA_SIDE],
        ],
        "image_seq_length": 4,
    },
    switches=_LLAMA_SWITCHES,
    hub=_CLIP_HUB,
)
IDEFICS2 = Recipe(
    model=tf.Idefics2ForConditionalGeneration,
    causal=tf.MistralForCausalLM,
    words=text.IDEFICS2,
    processor=images.idefics2,
    vision=_SIGLIP,
    tokens={"image_token_id": "<image>"},
    rest={
        "perceiver_config": {
            "hidden_size": HIDDEN,
            "resampler_n_latents": images.LATENTS,
            "resampler_depth": 2,
            "resampler_n_heads": HEADS,
            "resampler_head_dim": 8,
            "num_key_value_heads": KEY_VALUE_HEADS,
            "initializer_range": INITIALIZER_RANGE,
        }
    },
    text_model="model.text_model.",
)
IDEFICS3 = Recipe(
    model=tf.Idefics3ForConditionalGeneration,
    causal=tf.LlamaForCausalLM,
    words=text.IDEFICS3,
    processor=images.idefics3,
    vision=_SIGLIP,
    tokens={"image_token_id": "<image>"},
    rest={"scale_factor": 2},
    switches=_LLAMA_SWITCHES,
    text_model="model.text_model.",
)
SMOLVLM = replace(
    IDEFICS3,
    model=tf.SmolVLMForConditionalGeneration,
    words=text.SMOLVLM,
    processor=images.smolvlm,
)
INTERNVL = Recipe(
    model=tf.InternVLForConditionalGeneration,
    causal=tf.Qwen2ForCausalLM,
    words=text.INTERNVL,
    processor=images.internvl,
    vision=_TWO_LAYERS
    | {
        "image_size": [images.SIDE] * 2,
        "patch_size": [images.PATCH] * 2,
        "attention_bias": True,
    },
    tokens={"image_token_id": "<IMG_CONTEXT>"},
    rest={"image_seq_length": images.SQUARE_TOKENS, "downsample_ratio": 0.5},
    biases=True,
    hub=_LLAVA_HUB,
)
INTERNVL_QWEN3 = replace(
    INTERNVL,
    causal=tf.Qwen3ForCausalLM,
    text={"head_dim": 16},
    switches=("attention_bias",),
    biases=False,
)
