"""From questions to prompts: what the first layer of a model is given, whatever its family."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch

from frism.checkpoints.hashing import file_hash, hash_tensors
from frism.errors import EvaluationError
from frism.evaluation.chat import Chat, Shown
from frism.evaluation.prompting import prompting_files
from frism.evaluation.prompts import Prompts
from frism.evaluation.weights import kept
from frism.injection.recording import given_to_decoder

# the engine gives these itself, or they say nothing of the prompt
OWN = ("input_ids", "inputs_embeds", "position_ids", "past_key_values", "cache_position")


class Encoder:
    """What a model does with a question before its layers: tokens, images, positions.

    Merges change none of it, for embeddings and vision tower are always the VLM's.

    Args:
        chat: processor and template of the model's checkpoint.
        model: the model of that checkpoint.
    """

    def __init__(self, chat: Chat, model: Any) -> None:
        self._chat, self._model = chat, model

    @cached_property
    def identity(self) -> str:
        """Content hash of what shapes a prompt: a model and its merges have the same."""
        weights = hash_tensors((name, tensor.cpu()) for name, tensor in kept(self._model))
        digest = hashlib.sha256(f"{weights} {self._chat.blind}".encode())
        for file in prompting_files(self._chat.checkpoint):
            digest.update(f"{file.name} {file_hash(file)}".encode())
        return digest.hexdigest()

    @torch.inference_mode()
    def encode(self, batch: Sequence[Shown]) -> Prompts:
        """Returns the prompts of some questions.

        Raises:
            QuestionError: One of them cannot be asked.
            EvaluationError: The model hides what it gives its decoder.
        """
        inputs = {name: self._placed(value) for name, value in self._chat.inputs(batch).items()}
        given, mask = given_to_decoder(self._model, inputs), inputs["attention_mask"]
        embeddings = given.get("inputs_embeds")
        if embeddings is None and isinstance(given.get("input_ids"), torch.Tensor):
            embeddings = self._model.get_input_embeddings()(given["input_ids"])
        if embeddings is None:
            raise EvaluationError(
                f"a {type(self._model).__name__} called its decoder with {sorted(given)}; expected "
                "input_ids or inputs_embeds: this family of model is not supported"
            )
        positions = _positions(given.get("position_ids"), mask)
        return Prompts(embeddings, mask, positions, _extras(given))

    def _placed(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        dtype = self._model.dtype if value.is_floating_point() else value.dtype
        return value.to(self._model.device, dtype)


def _positions(given: torch.Tensor | None, mask: torch.Tensor) -> torch.Tensor:
    """Returns positions [b, l] or [k, b, l]; padding counts for nothing."""
    if given is None:
        return (mask.cumsum(dim=1) - 1).clamp_min(0)
    return given.expand(*given.shape[:-2], *mask.shape)


def _extras(given: dict[str, Any]) -> dict[str, Any]:
    """Returns what else the decoder is given: deepstack features, or a mask that is no padding."""
    extras = {
        name: value
        for name, value in given.items()
        if name not in OWN and isinstance(value, torch.Tensor | list | tuple | dict)
    }
    mask = extras.get("attention_mask")
    if isinstance(mask, torch.Tensor) and mask.dim() == 2:
        del extras["attention_mask"]
    return extras
