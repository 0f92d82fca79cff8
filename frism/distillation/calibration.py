"""Calibration examples: questions about images and the VLM's own answers to them (Eq. 8).

The data needs no labels. What the VLM answers is what its distillation must preserve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from frism.distillation.questions import Question
from frism.errors import DataError
from frism.progress import progress

# the VLM answers perception questions in a few words; a longer answer is cut, not dropped
MAX_ANSWER_TOKENS = 64
GENERATION_BATCH = 256


@dataclass(frozen=True)
class Example:
    """A question with the VLM's own answer, ready for the language model.

    Args:
        embeddings: Input embeddings of prompt and answer, images included, [tokens, hidden].
        positions: Rope positions (temporal, height, width), int64 [3, tokens].
        answer: First answer token; the answer reaches to the end.
    """

    embeddings: torch.Tensor
    positions: torch.Tensor
    answer: int


def build_examples(model: Any, processor: Any, questions: Sequence[Question]) -> list[Example]:
    """Lets the VLM answer each question greedily and prepares prompt plus answer for training.

    Args:
        model: The VLM, without injection.
        processor: Its processor, with a chat template.
        questions: The calibration questions.
    """
    starts = range(0, len(questions), GENERATION_BATCH)
    examples: list[Example] = []
    for start in progress(starts, "calibration answers"):
        inputs = _encode(processor, questions[start : start + GENERATION_BATCH]).to(model.device)
        with torch.no_grad():
            examples += _answer(model, inputs)
    return examples


def _encode(processor: Any, questions: Sequence[Question]) -> Any:
    prompts = [
        processor.apply_chat_template(_chat(q), add_generation_prompt=True) for q in questions
    ]
    images = [question.image for question in questions if question.image is not None]
    return processor(
        text=prompts,
        images=images or None,
        padding=True,
        padding_side="left",
        # the template writes the special tokens itself
        add_special_tokens=False,
        return_tensors="pt",
        return_mm_token_type_ids=True,
    )


def _chat(question: Question) -> list[dict[str, Any]]:
    shown = [] if question.image is None else [{"type": "image"}]
    return [{"role": "user", "content": [*shown, {"type": "text", "text": question.text}]}]


def _answer(model: Any, inputs: Any) -> Iterator[Example]:
    end, width = _end_tokens(model), inputs["input_ids"].shape[1]
    generated = model.generate(**inputs, generation_config=_greedy(end))[:, width:]
    lengths = [_length(row.tolist(), end) for row in generated]
    embeddings, positions = _embed(model, inputs, generated)
    padding = (inputs["attention_mask"] == 0).sum(dim=1).tolist()
    for row, (skip, length) in enumerate(zip(padding, lengths, strict=True)):
        kept = slice(skip, width + length)
        yield Example(embeddings[row, kept].clone(), positions[:, row, kept].clone(), width - skip)


def _embed(model: Any, inputs: Any, generated: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns input embeddings [b, tokens, hidden] and positions [3, b, tokens] of a batch."""
    ids = torch.cat([inputs["input_ids"], generated], dim=1)
    zeros, ones = torch.zeros_like(generated), torch.ones_like(generated)
    kinds = torch.cat([inputs["mm_token_type_ids"], zeros], dim=1)
    attention = torch.cat([inputs["attention_mask"], ones], dim=1)
    grid = inputs.get("image_grid_thw")
    positions, _ = model.model.get_rope_index(
        ids, mm_token_type_ids=kinds, image_grid_thw=grid, attention_mask=attention
    )
    embeddings = model.get_input_embeddings()(ids)
    if grid is None:
        return embeddings, positions
    features = torch.cat(model.get_image_features(inputs["pixel_values"], grid).pooler_output)
    places = (kinds == 1).unsqueeze(-1).expand_as(embeddings)
    return embeddings.masked_scatter(places, features.to(embeddings)), positions


def _greedy(end: list[int]) -> Any:
    from transformers import GenerationConfig

    # a fresh configuration: a checkpoint's own may hold penalties, which are not greedy
    return GenerationConfig(
        do_sample=False,
        max_new_tokens=MAX_ANSWER_TOKENS,
        eos_token_id=end,
        pad_token_id=end[0],
    )


def _end_tokens(model: Any) -> list[int]:
    end = model.generation_config.eos_token_id
    if end is None:
        raise DataError(
            "the VLM's generation_config.json has no eos_token_id; expected one, or an answer "
            "would never end"
        )
    return list(end) if isinstance(end, list) else [end]


def _length(tokens: list[int], end: list[int]) -> int:
    """Counts the tokens of an answer up to and including its end token."""
    return next((i + 1 for i, token in enumerate(tokens) if token in end), len(tokens))
