"""VLMEvalKit as it comes: one question at a time through `generate` of transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from PIL import Image

from frism.evaluation import kit
from frism.evaluation.chat import Message

NAME = "stock"


class StockModel(kit.BaseModel):  # type: ignore[misc]
    """A checkpoint that answers as VLMEvalKit's own classes do.

    Args:
        checkpoint: of a VLM.
        limit: longest answer in tokens.
    """

    INTERLEAVE = True

    def __init__(self, checkpoint: Path, limit: int) -> None:
        super().__init__()
        self.model = transformers.AutoModelForImageTextToText.from_pretrained(
            checkpoint, dtype=torch.float32
        ).eval()
        self._processor = transformers.AutoProcessor.from_pretrained(checkpoint)
        self._limit = limit

    def generate_inner(self, message: Message, dataset: str | None = None) -> str:
        """Returns the greedy answer to one question."""
        images = [Image.open(p["value"]).convert("RGB") for p in message if p["type"] == "image"]
        content = [
            {"type": "image"} if p["type"] == "image" else {"type": "text", "text": p["value"]}
            for p in message
        ]
        prompt = self._processor.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )
        inputs = self._processor(
            text=[prompt], images=images or None, padding=True, return_tensors="pt"
        )
        made = self.model.generate(**inputs, max_new_tokens=self._limit, do_sample=False)
        said = made[:, inputs["input_ids"].shape[1] :]
        texts = self._processor.tokenizer.batch_decode(
            said, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(texts[0])


def stock_evaluation(dataset: Any, model: StockModel, work: Path) -> dict[object, str]:
    """Runs VLMEvalKit's inference and evaluation and returns the answers by index."""
    kit.infer_data_job(model, str(work), NAME, dataset)
    predictions = kit.get_pred_file_path(str(work), NAME, dataset.dataset_name)
    dataset.evaluate(predictions, model="exact_matching", nproc=1)
    table = kit.load(predictions)
    return dict(zip(table["index"], table["prediction"].astype(str), strict=True))
