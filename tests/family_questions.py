"""Questions for a VLM of any family, and what `generate` of transformers answers to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from frism.evaluation.chat import Message

TEXTS = ("What is shown?", "Read the number in the picture, please.", "Why?", "Count.")
SIZES = ((24, 16), (16, 16), (40, 24), (24, 24), (16, 40))


def ask_about(directory: Path, images: tuple[int, ...], seed: int = 0) -> list[Message]:
    """Returns questions with so many images each, of several sizes and lengths."""
    rng = np.random.default_rng(seed)
    made: list[Message] = []
    for k, count in enumerate(images):
        parts = []
        for n in range(count):
            width, height = SIZES[(k + n) % len(SIZES)]
            path = directory / f"{k}-{n}.png"
            pixels = rng.integers(0, 255, (height, width, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(path)
            parts.append({"type": "image", "value": str(path)})
        made.append([*parts, {"type": "text", "value": TEXTS[k % len(TEXTS)]}])
    return made


def generated(model: Any, processor: Any, message: Message, tokens: int) -> list[int]:
    """Returns the tokens of the greedy answer to one question by transformers alone."""
    images = [Image.open(p["value"]).convert("RGB") for p in message if p["type"] == "image"]
    content = [
        {"type": "image"} if p["type"] == "image" else {"type": "text", "text": p["value"]}
        for p in message
    ]
    prompt = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True
    )
    shown = {"images": [images]} if images else {}
    inputs = processor(text=[prompt], return_tensors="pt", add_special_tokens=False, **shown)
    made = model.generate(**inputs, max_new_tokens=tokens, do_sample=False)
    answer: list[int] = made[0, inputs["input_ids"].shape[1] :].tolist()
    return answer
