"""What the registry of methods tells the results: display names and granularity."""

from __future__ import annotations

from frism.methods.registry import methods
from frism.results.candidates import LRM, VLM

DIRECTION = "direction"


def display_names() -> dict[str, str]:
    """Returns the name of each method in text and figures, references included."""
    merges = {slug: method.name for slug, method in methods().items()}
    return {VLM: "VLM as it is", LRM: "LRM without the image", **merges}


def finer_than_a_matrix() -> tuple[str, ...]:
    """Returns the methods that are not layer-level: they weigh directions within a matrix."""
    return tuple(slug for slug, each in methods().items() if each.granularity == DIRECTION)
