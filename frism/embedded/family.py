"""Saves the models of a family as on the hub and loads them again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frism.config.pair_tree import TrainingBudget, VlmBudget
from frism.embedded import stages
from frism.embedded.vocabulary import build_processor, build_tokenizer
from frism.files import atomic_directory


def make_base(output: Path, seed: int, budget: TrainingBudget) -> None:
    """Trains the base of family `seed` and writes its checkpoint."""
    _save(stages.train_base(seed, budget), build_tokenizer(), output)


def make_lrm(output: Path, seed: int, budget: TrainingBudget, base: Path) -> None:
    """Trains the LRM from the checkpoint `base` and writes its checkpoint."""
    _save(stages.train_lrm(_load_base(base), seed, budget), build_tokenizer(), output)


def make_vlm(output: Path, seed: int, budget: VlmBudget, base: Path) -> None:
    """Trains the VLM from the checkpoint `base` and writes its checkpoint."""
    _save(stages.train_vlm(_load_base(base), seed, budget), build_processor(), output)


def _load_base(directory: Path) -> Any:
    from transformers import Qwen2ForCausalLM

    return Qwen2ForCausalLM.from_pretrained(directory, dtype="float32")


def _save(model: Any, processor: Any, output: Path) -> None:
    with atomic_directory(output) as directory:
        model.save_pretrained(directory)
        processor.save_pretrained(directory)
