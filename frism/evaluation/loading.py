"""Loading a checkpoint of any family that generates text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import transformers

from frism.errors import EvaluationError
from frism.evaluation.chunked_attention import attend_at_once


def load_model(checkpoint: Path, dtype: str, device: str) -> Any:
    """Returns the model of a checkpoint, in evaluation mode.

    Args:
        checkpoint: directory in hub layout.
        dtype: type in which it computes, `float32` for example.
        device: `cpu`, or a GPU such as `cuda` or `cuda:1`.

    Raises:
        EvaluationError: The model is none of transformers', or does not generate text.
    """
    config = transformers.AutoConfig.from_pretrained(checkpoint)
    names = config.architectures or ["nothing"]
    kind: Any = getattr(transformers, names[0], None)
    if not hasattr(kind, "generate"):
        raise EvaluationError(
            f"{checkpoint} is a {names[0]} by its config.json; expected `architectures` to name a "
            "class of transformers that generates text, such as Qwen2_5_VLForConditionalGeneration"
        )
    placement = {} if device == "cpu" else {"device_map": {"": device}}
    model = kind.from_pretrained(checkpoint, dtype=getattr(torch, dtype), **placement)
    attend_at_once(model)
    return model.eval()


def end_tokens(model: Any) -> frozenset[int]:
    """Returns the tokens that end an answer.

    Raises:
        EvaluationError: The checkpoint names none.
    """
    found = model.generation_config.eos_token_id
    if found is None:
        raise EvaluationError(
            "found no end token in the checkpoint's generation_config.json, expected "
            "eos_token_id; add it, or every answer would run into the token limit"
        )
    return frozenset(found if isinstance(found, Iterable) else [found])
