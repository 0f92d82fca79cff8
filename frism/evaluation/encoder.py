"""From questions to prompts: template, tokens, images and positions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import transformers
from PIL import Image

from frism.checkpoints.card import CARD_FILE
from frism.checkpoints.hashing import file_hash, hash_tensors
from frism.checkpoints.reader import INDEX_FILE
from frism.errors import EvaluationError
from frism.evaluation.prompts import Prompts
from frism.evaluation.weights import kept

# a question as VLMEvalKit builds it: parts {"type": "image" or "text", "value": path or text}
Message = list[dict[str, str]]
PROCESSOR_FILES = ("processor_config.json", "preprocessor_config.json")
# configuration, tokenizer, processor and template, whatever their names
TEXT_SUFFIXES = {".json", ".jinja", ".txt", ".model"}


class Encoder:
    """What a model does with a question before its layers: template, tokens, images, positions.

    Merges change none of it, for embeddings and vision tower are always the VLM's.

    Args:
        checkpoint: directory in hub layout with tokenizer or processor and chat template.
        model: the model of that checkpoint.
        blind: whether images are dropped from the questions.
    """

    def __init__(self, checkpoint: Path, model: Any, blind: bool) -> None:
        self._checkpoint, self._model, self._blind = checkpoint, model, blind
        self._processor = _load_processor(checkpoint)
        self.tokenizer = getattr(self._processor, "tokenizer", self._processor)
        self.tokenizer.padding_side = "left"
        self._sees = self.tokenizer is not self._processor

    @cached_property
    def identity(self) -> str:
        """Content hash of what shapes a prompt: a model and its merges have the same."""
        digest = hashlib.sha256(f"{hash_tensors(kept(self._model))} {self._blind}".encode())
        for file in sorted(self._checkpoint.iterdir()):
            if file.suffix in TEXT_SUFFIXES and file.name not in (CARD_FILE, INDEX_FILE):
                digest.update(f"{file.name} {file_hash(file)}".encode())
        return digest.hexdigest()

    def parts(self, message: Message) -> Message:
        """Returns the parts of a question that the model is shown.

        Raises:
            EvaluationError: It has an image but the model has no image processor.
        """
        kept = [p for p in message if not (self._blind and p["type"] == "image")]
        if not self._sees and any(part["type"] == "image" for part in kept):
            raise EvaluationError(
                "found a question with an image, expected text only, because the checkpoint "
                f"{self._model.name_or_path} has no image processor; evaluate it blind"
            )
        return kept

    @torch.inference_mode()
    def encode(self, batch: Sequence[Message]) -> Prompts:
        """Returns the prompts of what `parts` left of some questions."""
        inputs = self._inputs(batch)
        ids, mask = inputs["input_ids"], inputs["attention_mask"]
        embeddings = self._model.get_input_embeddings()(ids)
        if not self._sees:
            positions = (mask.cumsum(dim=1) - 1).clamp_min(0)
            return Prompts(embeddings, mask, positions, mask.sum(dim=1))
        grid = inputs.get("image_grid_thw")
        if grid is not None:
            embeddings = self._with_images(ids, embeddings, inputs["pixel_values"], grid)
        positions, _ = self._model.model.get_rope_index(
            ids, inputs["mm_token_type_ids"], grid, attention_mask=mask
        )
        return Prompts(embeddings, mask, positions, positions.amax(dim=(0, 2)) + 1)

    def _with_images(
        self, ids: torch.Tensor, embeddings: torch.Tensor, pixels: torch.Tensor, grid: torch.Tensor
    ) -> torch.Tensor:
        features = torch.cat(self._model.model.get_image_features(pixels, grid).pooler_output)
        places, _ = self._model.model.get_placeholder_mask(ids, embeddings, features)
        return embeddings.masked_scatter(places, features)

    def _inputs(self, batch: Sequence[Message]) -> dict[str, torch.Tensor]:
        prompts = [self._prompt(parts) for parts in batch]
        images = [_open(p["value"]) for parts in batch for p in parts if p["type"] == "image"]
        options: dict[str, Any] = {"images": images} if images else {}
        # the template writes the special tokens itself
        options["add_special_tokens"] = False
        return dict(self._processor(text=prompts, padding=True, return_tensors="pt", **options))

    def _prompt(self, parts: Message) -> str:
        content: Any = [_content(part) for part in parts]
        if not self._sees:  # templates of text models take a string
            content = "\n".join(part["value"] for part in parts)
        turn = [{"role": "user", "content": content}]
        prompt = self._processor.apply_chat_template(
            turn, tokenize=False, add_generation_prompt=True
        )
        return str(prompt)


def cost(parts: Message) -> tuple[int, int]:
    """Returns how long a prompt is: questions of like size share a batch, for little padding."""
    sizes = [_size(part["value"]) for part in parts if part["type"] == "image"]
    text = sum(len(part["value"]) for part in parts if part["type"] == "text")
    return sum(width * height for width, height in sizes), text


def _load_processor(checkpoint: Path) -> Any:
    if any((checkpoint / name).is_file() for name in PROCESSOR_FILES):
        return transformers.AutoProcessor.from_pretrained(checkpoint)
    # AutoTokenizer forces Qwen2's byte-level splitting on every checkpoint of that model type,
    # whatever its tokenizer.json says
    return transformers.PreTrainedTokenizerFast.from_pretrained(checkpoint)


def _content(part: dict[str, str]) -> dict[str, str]:
    is_image = part["type"] == "image"
    return {"type": "image"} if is_image else {"type": "text", "text": part["value"]}


def _size(path: str) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def _open(path: str) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")
