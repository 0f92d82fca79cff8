"""The engine that the settings name."""

from __future__ import annotations

from pathlib import Path

from frism.config.tree import Evaluation
from frism.evaluation.answering import Answering
from frism.evaluation.engine import Engine
from frism.evaluation.vllm_engine import VllmEngine


def load_engine(
    checkpoint: Path, settings: Evaluation, blind: bool = False, device: str | None = None
) -> Answering:
    """Loads a checkpoint.

    Args:
        checkpoint: directory in hub layout with tokenizer or processor and chat template.
        settings: of generation.
        blind: whether images are dropped from the questions.
        device: where it computes, such as `cuda:1`; None: where the settings say. vLLM computes
            where `CUDA_VISIBLE_DEVICES` says.

    Raises:
        EvaluationError: The engine is not installed, or cannot answer with this model.
        ConfigError: The settings do not fit the engine.
    """
    if settings.engine == "vllm":
        return VllmEngine(checkpoint, settings, blind)
    return Engine(checkpoint, settings, blind, device)
