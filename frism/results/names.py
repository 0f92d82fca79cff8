"""What the registry of methods tells the results: display names and granularity."""

from __future__ import annotations

from frism.methods.groups import is_control
from frism.methods.method import LAYER_LEVEL
from frism.methods.registry import methods
from frism.results.candidates import LRM, VLM


def display_names() -> dict[str, str]:
    """Returns the name of each method in text and figures, references included."""
    merges = {slug: method.name for slug, method in methods().items()}
    return {VLM: "VLM as it is", LRM: "LRM without the image", **merges}


def layer_level() -> tuple[str, ...]:
    """Returns the methods that weigh no finer than whole matrices, without controls and probes.

    A probe has no candidates of its own, so it would rival FRISM with those of one experiment.
    """
    return tuple(
        slug
        for slug, each in methods().items()
        if each.granularity in LAYER_LEVEL and not is_control(each) and not each.missing
    )


def controls() -> tuple[str, ...]:
    """Returns the methods that must not do as well as FRISM."""
    return tuple(slug for slug, each in methods().items() if is_control(each))


def needing(need: str) -> tuple[str, ...]:
    """Returns the methods that need something beside the three models, a key of `NEEDS`."""
    return tuple(slug for slug, each in methods().items() if need in each.needs)
