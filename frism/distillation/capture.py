"""What a VLM hands its language model, recorded from its own forward pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch

from frism.distillation.examples import DEEPSTACK, VISUAL, Example
from frism.errors import DataError
from frism.injection.recording import given_to_decoder

# these say nothing of single tokens but which of them are padding, and padding is cut off
IGNORED = ("input_ids", "attention_mask", "past_key_values", "cache_position")
OWN = ("inputs_embeds", "position_ids", DEEPSTACK)


class Recorded(NamedTuple):
    """Inputs of the decoder for a batch with padding.

    Attributes:
        embeddings: [b, tokens, hidden].
        positions: [k, b, tokens]; None where the decoder counts tokens itself.
        extras: Further inputs by name, [b, tokens, ...].
        deepstack: For each row, [visual tokens, layers, hidden]; empty without images.
    """

    embeddings: torch.Tensor
    positions: torch.Tensor | None
    extras: dict[str, torch.Tensor]
    deepstack: tuple[torch.Tensor, ...]

    def example(self, row: int, kept: slice, answer: int) -> Example:
        """Returns one row without its padding, in memory of its own on the CPU.

        Args:
            row: Its number.
            kept: Its tokens that are no padding.
            answer: First answer token among those kept.
        """
        embeddings = _own(self.embeddings[row, kept])
        if self.positions is None:
            positions = torch.arange(len(embeddings)).unsqueeze(0)
        else:
            positions = _own(self.positions[:, row, kept])
        extras = {name: _own(value[row, kept]) for name, value in self.extras.items()}
        if self.deepstack:
            extras[DEEPSTACK] = _own(self.deepstack[row])
        return Example(embeddings, positions, answer, extras)


def record(model: Any, inputs: Mapping[str, Any]) -> Recorded:
    """Returns what the decoder of `model` is given for `inputs`; the decoder does not run.

    Raises:
        DataError: the decoder is not called with embeddings, or is given what cannot be packed.
    """
    given = given_to_decoder(model, inputs)
    embeddings, positions = given.get("inputs_embeds"), given.get("position_ids")
    if not isinstance(embeddings, torch.Tensor):
        raise DataError(
            f"{type(model).__name__} called its decoder with {sorted(given)}; expected "
            "inputs_embeds, which hold the images: this family of VLM is not supported"
        )
    if positions is not None:
        positions = positions.reshape(-1, *positions.shape[-2:])
        positions = positions.expand(-1, *embeddings.shape[:2])
    extras = _extras(type(model).__name__, given, embeddings.shape[:2])
    return Recorded(embeddings, positions, extras, _deepstack(given))


def _extras(kind: str, given: Mapping[str, Any], shape: torch.Size) -> dict[str, torch.Tensor]:
    """Returns the arguments that belong to tokens, and refuses others that hold tensors."""
    mask = given.get("attention_mask")
    if mask is not None and not (isinstance(mask, torch.Tensor) and mask.dim() == 2):
        raise DataError(
            f"{kind} gives its decoder an attention mask of its own; expected causal attention: "
            "this family of VLM is not supported"
        )
    extras: dict[str, torch.Tensor] = {}
    for name, value in given.items():
        if name in (*IGNORED, *OWN) or not isinstance(value, torch.Tensor | list | tuple):
            continue
        if not isinstance(value, torch.Tensor) or value.shape[:2] != shape:
            raise DataError(
                f"{kind} gives its decoder '{name}', which does not belong to single tokens; "
                f"expected a tensor [{shape[0]}, {shape[1]}, ...]: this family of VLM is not "
                "supported"
            )
        extras[name] = value
    return extras


def _deepstack(given: Mapping[str, Any]) -> tuple[torch.Tensor, ...]:
    features = given.get(DEEPSTACK)
    if features is None:
        return ()
    counts = given[VISUAL].sum(dim=1).tolist()
    return torch.split(torch.stack(list(features), dim=1), counts)


def _own(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to("cpu", copy=True)
