"""Processors of the families, with images of a few patches."""

from __future__ import annotations

from typing import Any

from transformers import (
    GotOcr2ImageProcessor,
    Idefics2ImageProcessor,
    Idefics2Processor,
    Idefics3ImageProcessor,
    Idefics3Processor,
    InternVLProcessor,
    InternVLVideoProcessor,
    LlavaNextImageProcessor,
    LlavaNextProcessor,
    PreTrainedTokenizerFast,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
    Qwen3VLProcessor,
    Qwen3VLVideoProcessor,
    SmolVLMImageProcessor,
    SmolVLMProcessor,
    SmolVLMVideoProcessor,
)

PATCH, MERGE = 4, 2
# side of the square that a vision tower other than Qwen's sees, and its visual tokens
SIDE, SQUARE_TOKENS = 16, 4
LLAVA_SIDE = 8
LATENTS = 3
_COLOURS = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
_PATCHES = _COLOURS | {
    "patch_size": PATCH,
    "merge_size": MERGE,
    "temporal_patch_size": 2,
    "size": {"shortest_edge": 64, "longest_edge": 1024},
}


def qwen2_vl(tokenizer: PreTrainedTokenizerFast, template: str) -> Any:
    """Returns the processor of Qwen2-VL: each 8 x 8 pixels become a token."""
    return Qwen2VLProcessor(**_qwen(Qwen2VLVideoProcessor, tokenizer, template))


def qwen2_5_vl(tokenizer: PreTrainedTokenizerFast, template: str) -> Any:
    """Returns the processor of Qwen2.5-VL: each 8 x 8 pixels become a token."""
    return Qwen2_5_VLProcessor(**_qwen(Qwen2VLVideoProcessor, tokenizer, template))


def qwen3_vl(tokenizer: PreTrainedTokenizerFast, template: str) -> Any:
    """Returns the processor of Qwen3-VL: each 8 x 8 pixels become a token."""
    return Qwen3VLProcessor(**_qwen(Qwen3VLVideoProcessor, tokenizer, template))


def llava_next(tokenizer: PreTrainedTokenizerFast, template: str) -> Any:
    """Returns the processor of LLaVA-NeXT: the whole image and two halves, 2 x 2 patches each."""
    images = LlavaNextImageProcessor(
        size={"shortest_edge": LLAVA_SIDE},
        crop_size={"height": LLAVA_SIDE, "width": LLAVA_SIDE},
        image_grid_pinpoints=[[LLAVA_SIDE, 2 * LLAVA_SIDE], [2 * LLAVA_SIDE, LLAVA_SIDE]],
        **_COLOURS,
    )
    return LlavaNextProcessor(
        images,
        tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=template,
    )


def idefics2(tokenizer: PreTrainedTokenizerFast, template: str) -> Any:
    """Returns the processor of Idefics2: an image becomes the resampler's latents."""
    size = {"shortest_edge": SIDE // 2, "longest_edge": SIDE}
    images = Idefics2ImageProcessor(size=size, do_image_splitting=False, **_COLOURS)
    return Idefics2Processor(images, tokenizer, image_seq_len=LATENTS, chat_template=template)


def idefics3(tokenizer: PreTrainedTokenizerFast, template: str) -> Any:
    """Returns the processor of Idefics3: an image becomes one square."""
    images = Idefics3ImageProcessor(**_SQUARE)
    return Idefics3Processor(images, tokenizer, image_seq_len=SQUARE_TOKENS, chat_template=template)


def smolvlm(tokenizer: PreTrainedTokenizerFast, template: str) -> Any:
    """Returns the processor of SmolVLM: an image becomes one square."""
    return SmolVLMProcessor(
        SmolVLMImageProcessor(**_SQUARE),
        tokenizer,
        SmolVLMVideoProcessor(size={"longest_edge": SIDE}, max_image_size={"longest_edge": SIDE}),
        image_seq_len=SQUARE_TOKENS,
        chat_template=template,
    )


def internvl(tokenizer: PreTrainedTokenizerFast, template: str) -> Any:
    """Returns the processor of InternVL: an image becomes up to two squares and a thumbnail."""
    size = {"height": SIDE, "width": SIDE}
    return InternVLProcessor(
        GotOcr2ImageProcessor(size=size, crop_to_patches=True, max_patches=2, **_COLOURS),
        tokenizer,
        InternVLVideoProcessor(size=size, **_COLOURS),
        image_seq_length=SQUARE_TOKENS,
        chat_template=template,
    )


_SQUARE = _COLOURS | {
    "size": {"longest_edge": SIDE},
    "max_image_size": {"longest_edge": SIDE},
    "do_image_splitting": False,
}


def _qwen(video: Any, tokenizer: PreTrainedTokenizerFast, template: str) -> dict[str, Any]:
    return {
        "image_processor": Qwen2VLImageProcessor(**_PATCHES),
        "video_processor": video(**_PATCHES),
        "tokenizer": tokenizer,
        "chat_template": template,
    }
