"""One model in memory that becomes one merge after the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from frism.config.tree import Evaluation
from frism.errors import ConfigError
from frism.sweep.memory import Merged

if TYPE_CHECKING:
    from frism.evaluation.engine import Engine


class Resident:
    """The VLM of a family, loaded when a candidate must answer for the first time.

    Args:
        vlm: its checkpoint.
        settings: of generation.
    """

    def __init__(self, vlm: Path, settings: Evaluation) -> None:
        self._vlm, self._settings = vlm, settings

    def holding(self, merged: Merged) -> Callable[[], Engine]:
        """Returns a function that puts a merge into the model and returns it."""

        def engine() -> Engine:
            self._engine.load_weights(merged.tensors)
            return self._engine

        return engine

    @cached_property
    def _engine(self) -> Engine:
        return load(self._vlm, self._settings)


def load(checkpoint: Path, settings: Evaluation) -> Engine:
    """Loads a checkpoint from disk.

    Raises:
        ConfigError: the engine cannot change weights in memory.
    """
    from frism.evaluation.engine import Engine

    if settings.engine != "transformers":
        raise ConfigError(
            f"evaluation.engine is {settings.engine}, but a sweep puts one merge after the other "
            "into a model in memory; expected transformers"
        )
    return Engine(checkpoint, settings)
