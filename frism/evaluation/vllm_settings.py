"""What vLLM asks of an installation and of the settings, known before anything is loaded."""

from __future__ import annotations

import importlib.util

from frism.config.tree import Evaluation
from frism.errors import ConfigError, EvaluationError

VLLM = "vllm"


def check_engine(settings: Evaluation) -> None:
    """Checks that the engine of the settings is there and does what they ask for.

    Raises:
        EvaluationError: vLLM is not installed.
        ConfigError: The settings ask for what only the other engine does.
    """
    if settings.engine != VLLM:
        return
    wanted = [name for name in ("thinking_budget", "stop_loops") if getattr(settings, name)]
    if wanted:
        raise ConfigError(
            f"evaluation.engine is vllm, which does not know {' and '.join(wanted)}; expected "
            "them off, or engine: transformers"
        )
    if importlib.util.find_spec(VLLM) is None:
        raise EvaluationError(lacking("there is no package vllm"))


def lacking(reason: str) -> str:
    """Returns the message where vLLM cannot be imported."""
    return (
        f"evaluation.engine is vllm, which cannot be imported here ({reason}); expected an "
        "environment that has it: `pip install vllm` on a machine with a GPU, or set engine: "
        "transformers"
    )
