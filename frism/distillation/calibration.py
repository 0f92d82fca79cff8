"""Calibration examples: questions about images and the VLM's own answers to them (Eq. 8).

The data needs no labels. What the VLM answers is what its distillation must preserve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from frism.distillation.capture import record
from frism.distillation.examples import Example, read_examples, write_examples
from frism.distillation.questions import Question
from frism.errors import DataError
from frism.progress import progress

# the VLM answers perception questions in a few words; a longer answer is cut, not dropped
MAX_ANSWER_TOKENS = 64
GENERATION_BATCH = 256
PLACEHOLDERS = ("image_token_id", "video_token_id")


def build_examples(
    model: Any,
    processor: Any,
    questions: Sequence[Question],
    batch_size: int = GENERATION_BATCH,
    folder: Path | None = None,
) -> list[Example]:
    """Lets the VLM answer each question greedily and prepares prompt plus answer for training.

    Args:
        model: The VLM, without injection.
        processor: Its processor, with a chat template.
        questions: The calibration questions.
        batch_size: Questions answered at a time.
        folder: Where answers are kept, and taken from if they are there already; None: nowhere.
    """
    examples: list[Example] = []
    for start in progress(range(0, len(questions), batch_size), "calibration answers"):
        # hidden: no part of what the folder becomes
        file = folder / f".examples-{start:06}.safetensors" if folder else None
        if file and file.is_file():
            examples += read_examples(file)
            continue
        made = answered(model, processor, questions[start : start + batch_size])
        examples += made
        if file:
            write_examples(file, made)
    return examples


def answered(model: Any, processor: Any, questions: Sequence[Question]) -> list[Example]:
    """Returns the examples of one batch of questions."""
    inputs = encode(processor, questions).to(model.device)
    with torch.no_grad():
        return list(_answer(model, inputs))


def encode(processor: Any, questions: Sequence[Question]) -> Any:
    """Returns the inputs of the VLM for some questions, padded on the left."""
    prompts = [
        processor.apply_chat_template(_chat(q), add_generation_prompt=True) for q in questions
    ]
    shown = [question.image for question in questions]
    images = [[] if image is None else [image] for image in shown]
    return processor(
        text=prompts,
        images=images if any(images) else None,
        padding=True,
        padding_side="left",
        add_special_tokens=_lacks_start(processor.tokenizer, prompts[0]),
        return_tensors="pt",
    )


def _lacks_start(tokenizer: Any, prompt: str) -> bool:
    """Tells whether a template leaves the start token to the tokenizer, as a few do."""
    return tokenizer.bos_token is not None and not prompt.startswith(tokenizer.bos_token)


def _chat(question: Question) -> list[dict[str, Any]]:
    shown = [] if question.encoded is None else [{"type": "image"}]
    return [{"role": "user", "content": [*shown, {"type": "text", "text": question.text}]}]


def _answer(model: Any, inputs: Any) -> Iterator[Example]:
    end, width = _end_tokens(model), inputs["input_ids"].shape[1]
    with _greedy(model, end):
        generated = model.generate(**inputs)[:, width:]
    recorded = record(model, _with_answers(inputs, generated))
    padding = (inputs["attention_mask"] == 0).sum(dim=1).tolist()
    for row, (skip, tokens) in enumerate(zip(padding, generated.tolist(), strict=True)):
        kept = slice(skip, width + _length(tokens, end))
        yield recorded.example(row, kept, width - skip)


def _with_answers(inputs: Any, generated: torch.Tensor) -> dict[str, Any]:
    """Returns the inputs with answers after the prompts; answers are text and no padding."""
    longer = {"input_ids": generated, "attention_mask": torch.ones_like(generated)}
    zeros = torch.zeros_like(generated)
    longer |= {name: zeros for name in ("mm_token_type_ids", "token_type_ids") if name in inputs}
    return dict(inputs) | {
        name: torch.cat([inputs[name], more], dim=1) for name, more in longer.items()
    }


@contextmanager
def _greedy(model: Any, end: list[int]) -> Iterator[None]:
    """Makes `model` generate greedily for the duration of the block."""
    from transformers import GenerationConfig

    # a checkpoint's own configuration may hold penalties, and fills gaps in one that is passed
    before = model.generation_config
    ids = (getattr(model.config, name, None) for name in PLACEHOLDERS)
    model.generation_config = GenerationConfig(
        do_sample=False,
        max_new_tokens=MAX_ANSWER_TOKENS,
        eos_token_id=end,
        pad_token_id=end[0],
        # in an answer a placeholder stands for no image
        suppress_tokens=[each for each in ids if each is not None] or None,
    )
    try:
        yield
    finally:
        model.generation_config = before


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
