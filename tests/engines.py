"""Engines with the settings that a test is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frism.config.tree import Evaluation
from frism.evaluation.answers import Answer
from frism.evaluation.engine import Engine


def make_engine(
    checkpoint: Path, batch_size: int, limit: int, blind: bool = False, **settings: Any
) -> Engine:
    """Returns an engine that generates `limit` tokens at most."""
    chosen = Evaluation(batch_size=batch_size, max_new_tokens=limit, **settings)
    return Engine(checkpoint, chosen, blind)


def told(answers: list[Answer]) -> list[tuple[str, int, bool]]:
    """Returns what answers say, without how long they took."""
    return [(answer.text, answer.tokens, answer.ended) for answer in answers]
