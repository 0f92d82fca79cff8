"""What a family of VLM is described by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.vlm_text import Words

Prefixes = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Recipe:
    """How to make one family.

    Args:
        model: Class of the VLM; its configuration class is known to it.
        causal: Class of the causal LM that its language model comes from.
        words: Special tokens and prompts.
        processor: Builds the processor from a tokenizer and a chat template.
        vision: Configuration of the vision tower.
        rest: Other keys of the VLM's configuration.
        tokens: Keys of the VLM's configuration that hold the ids of tokens.
        text: Keys of the language model's configuration beside the common sizes.
        mrope: How the VLM's rope differs from the language model's.
        switches: Keys of the language model's configuration that add biases.
        biases: Whether it has biases without any switch.
        text_model: Prefix of the language model's layers in memory.
        hub: Prefixes in memory and what the files of the hub have in their place; the first that
            fits is taken.
        flat: Whether the hub's configuration has the language model's keys at the top.
    """

    model: Any
    causal: Any
    words: Words
    processor: Callable[[Any, str], Any]
    vision: Mapping[str, Any]
    tokens: Mapping[str, str]
    rest: Mapping[str, Any] = field(default_factory=dict)
    text: Mapping[str, Any] = field(default_factory=dict)
    mrope: Mapping[str, Any] = field(default_factory=dict)
    switches: tuple[str, ...] = ()
    biases: bool = False
    text_model: str = "model.language_model."
    hub: Prefixes = ()
    flat: bool = False

    def has_biases(self, wanted: bool) -> bool:
        """Says whether the language model has biases where `wanted` or not."""
        return self.biases or (wanted and bool(self.switches))
