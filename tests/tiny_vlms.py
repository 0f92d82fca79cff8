"""A tiny VLM of each supported family: its real classes with random weights, and its processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

HIDDEN, LAYERS, PATCH, IMAGE_SIZE = 32, 3, 4, 16
# wide enough that a random model gives different answers to different questions
INITIALIZER_RANGE = 0.3
START, END, IMAGE, VIDEO = "<s>", "<end>", "<image>", "<video>"
NAMED = {
    "image_token": IMAGE,
    "video_token": VIDEO,
    "start_image_token": "<img>",
    "end_image_token": "</img>",
    "context_image_token": IMAGE,
    "image_boundary_token": "<fake_token_around_image>",
}
SPECIAL = (
    *("<pad>", START, END, "<user>", "<assistant>", IMAGE, VIDEO, "<img>", "</img>"),
    *("<fake_token_around_image>", "<global-img>", "<end_of_utterance>", "\n"),
    *(f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)),
)
WORDS = ("read", "item", "count", "now", "what", "is", "this", "left", "right", "many")
TOKEN_ID = {word: index for index, word in enumerate(SPECIAL + WORDS)}
MEANS = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}


@dataclass(frozen=True)
class Family:
    """How a family is built: classes are named after it.

    Args:
        config: Its configuration but for what all have in common.
        processor: Makes its processor from a tokenizer.
    """

    config: dict[str, Any]
    processor: Callable[[Any], Any]


def tiny_vlm(name: str, **text: Any) -> tuple[Any, Any]:
    """Returns a model and its processor.

    Args:
        name: A key of `FAMILIES`.
        text: Settings of the language model in place of its own.
    """
    family = FAMILIES[name]
    settings = dict(family.config)
    settings["text_config"] = TEXT | settings["text_config"] | text
    settings |= {"image_token_id": TOKEN_ID[IMAGE], "video_token_id": TOKEN_ID[VIDEO]}
    torch.manual_seed(3)
    model = getattr(transformers, f"{name}ForConditionalGeneration")(
        getattr(transformers, f"{name}Config")(**settings)
    )
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=INITIALIZER_RANGE)
    model.generation_config.eos_token_id = TOKEN_ID[END]
    model.generation_config.repetition_penalty = 3.0  # which greedy answers must not obey
    return model.eval(), family.processor(tokenizer())


@cache
def _core() -> Any:
    core = Tokenizer(models.WordLevel(TOKEN_ID, unk_token="<pad>"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex(r" +"), behavior="removed")
    core.add_special_tokens([AddedToken(word, special=True) for word in SPECIAL])
    return core


def tokenizer() -> Any:
    """Returns a word-level tokenizer with the special tokens of all families."""
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(_core().to_str()),
        pad_token="<pad>",
        bos_token=START,
        eos_token=END,
        extra_special_tokens=NAMED,
    )


def template(image: str) -> str:
    """Returns a chat template that shows an image by some words."""
    return (
        "<s>{% for message in messages %}<user>{% for part in message['content'] %}"
        f"{{% if part['type'] == 'image' %}}{image}{{% else %}}{{{{ part['text'] }}}}{{% endif %}}"
        "{% endfor %}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
    )


def _qwen(name: str) -> Callable[[Any], Any]:
    def make(words: Any) -> Any:
        pixels = {"patch_size": PATCH, "merge_size": 2, "temporal_patch_size": 1, **MEANS}
        pixels["size"] = {"shortest_edge": 64, "longest_edge": 4096}
        video = "Qwen3VL" if name == "Qwen3VL" else "Qwen2VL"
        return getattr(transformers, f"{name}Processor")(
            image_processor=transformers.Qwen2VLImageProcessor(**pixels),
            video_processor=getattr(transformers, f"{video}VideoProcessor")(**pixels),
            tokenizer=words,
            chat_template=template("<img><image></img>"),
        )

    return make


def _llava_next(words: Any) -> Any:
    side = {"height": IMAGE_SIZE, "width": IMAGE_SIZE}
    return transformers.LlavaNextProcessor(
        image_processor=transformers.LlavaNextImageProcessor(
            size=side, crop_size=side, image_grid_pinpoints=GRID, **MEANS
        ),
        tokenizer=words,
        patch_size=PATCH,
        num_additional_image_tokens=1,
        vision_feature_select_strategy="default",
        chat_template=template(IMAGE),
    )


def _idefics2(words: Any) -> Any:
    return transformers.Idefics2Processor(
        image_processor=transformers.Idefics2ImageProcessor(
            size={"shortest_edge": 8, "longest_edge": IMAGE_SIZE}, **MEANS
        ),
        tokenizer=words,
        image_seq_len=3,
        chat_template=template(IMAGE),
    )


def _idefics3(name: str) -> Callable[[Any], Any]:
    def make(words: Any) -> Any:
        pixels = {
            "size": {"longest_edge": 2 * IMAGE_SIZE},
            "max_image_size": {"longest_edge": IMAGE_SIZE},
            **MEANS,
        }
        parts = {"image_processor": getattr(transformers, f"{name}ImageProcessor")(**pixels)}
        if name == "SmolVLM":
            parts["video_processor"] = transformers.SmolVLMVideoProcessor(**pixels)
        return getattr(transformers, f"{name}Processor")(
            **parts, tokenizer=words, image_seq_len=4, chat_template=template(IMAGE)
        )

    return make


def _internvl(words: Any) -> Any:
    side = {"height": IMAGE_SIZE, "width": IMAGE_SIZE}
    return transformers.InternVLProcessor(
        image_processor=transformers.GotOcr2ImageProcessor(size=side, max_patches=3, **MEANS),
        video_processor=transformers.InternVLVideoProcessor(size=side, **MEANS),
        tokenizer=words,
        image_seq_length=4,
        chat_template=template(IMAGE),
    )


def _text(kind: str, **more: Any) -> dict[str, Any]:
    return {"text_config": {"model_type": kind, **more}}


GRID = [[16, 32], [32, 16], [32, 32]]
TEXT = {
    "vocab_size": len(TOKEN_ID),
    "hidden_size": HIDDEN,
    "intermediate_size": 48,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 256,
    "bos_token_id": TOKEN_ID[START],
    "eos_token_id": TOKEN_ID[END],
    "pad_token_id": TOKEN_ID["<pad>"],
}
MROPE = {
    "rope_parameters": {"rope_type": "default", "rope_theta": 20.0, "mrope_section": [2, 1, 1]}
}
VISION = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": IMAGE_SIZE,
    "patch_size": PATCH,
}
QWEN_VISION = {
    "depth": 2,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_heads": 2,
    "out_hidden_size": HIDDEN,
    "patch_size": PATCH,
    "spatial_merge_size": 2,
    "temporal_patch_size": 1,
}
PERCEIVER = {
    "hidden_size": HIDDEN,
    "resampler_depth": 1,
    "resampler_n_heads": 2,
    "resampler_head_dim": 8,
    "resampler_n_latents": 3,
    "num_key_value_heads": 1,
}
FAMILIES: dict[str, Family] = {
    "Qwen2VL": Family(
        {
            **_text("qwen2_vl_text", **MROPE),
            "vision_config": {**QWEN_VISION, "embed_dim": 16, "hidden_size": HIDDEN},
        },
        _qwen("Qwen2VL"),
    ),
    "Qwen2_5_VL": Family(
        {
            **_text("qwen2_5_vl_text", **MROPE),
            "vision_config": {**QWEN_VISION, "window_size": 16, "fullatt_block_indexes": [1]},
        },
        _qwen("Qwen2_5_VL"),
    ),
    "Qwen3VL": Family(
        {
            **_text("qwen3_vl_text", **MROPE),
            "vision_config": {
                **QWEN_VISION,
                "deepstack_visual_indexes": [0, 1],
                "num_position_embeddings": 16,
            },
        },
        _qwen("Qwen3VL"),
    ),
    "LlavaNext": Family(
        {
            **_text("llama"),
            "vision_config": {**VISION, "model_type": "clip_vision_model", "projection_dim": 16},
            "image_grid_pinpoints": GRID,
        },
        _llava_next,
    ),
    "Idefics2": Family(
        {
            **_text("mistral", sliding_window=None),
            "vision_config": VISION,
            "perceiver_config": PERCEIVER,
        },
        _idefics2,
    ),
    "Idefics3": Family(
        {**_text("llama"), "vision_config": VISION, "scale_factor": 2}, _idefics3("Idefics3")
    ),
    "SmolVLM": Family(
        {**_text("llama"), "vision_config": VISION, "scale_factor": 2}, _idefics3("SmolVLM")
    ),
    "InternVL": Family(
        {
            **_text("qwen2"),
            "vision_config": {
                **VISION,
                "image_size": [IMAGE_SIZE] * 2,
                "patch_size": [PATCH] * 2,
            },
            "downsample_ratio": 0.5,
            "image_seq_length": 4,
        },
        _internvl,
    ),
}
