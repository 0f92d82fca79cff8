"""A checkpoint of a VLM is loaded whole and asked about an image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor


def pictures() -> list[Image.Image]:
    """Returns two images of noise."""
    pixels = np.random.default_rng(0).integers(0, 255, (2, 16, 24, 3)).astype(np.uint8)
    return [Image.fromarray(picture) for picture in pixels]


def load_vlm(directory: Path) -> tuple[Any, Any]:
    """Returns model and processor of a folder, whose tensors must be those that the model has."""
    model, found = AutoModelForImageTextToText.from_pretrained(directory, output_loading_info=True)
    assert {kind: names for kind, names in found.items() if names} == {}
    return model.eval(), AutoProcessor.from_pretrained(directory)


def ask(
    model: Any, processor: Any, image: Image.Image, question: str, tokens: int = 8
) -> list[int]:
    """Returns the tokens of the greedy answer to a question about an image."""
    content = [{"type": "image"}, {"type": "text", "text": question}]
    prompt = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True
    )
    inputs = processor(text=[prompt], images=[image], return_tensors="pt", add_special_tokens=False)
    generated = model.generate(**inputs, max_new_tokens=tokens, do_sample=False)
    answer: list[int] = generated[0, inputs["input_ids"].shape[1] :].tolist()
    return answer
