"""Calibration examples as the language model sees them, and files of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch

from frism.checkpoints.tensors import TensorFile, write_tensors

EMBEDDINGS, POSITIONS = "embeddings", "positions"
# by these names Qwen3-VL hands its decoder image features of inner layers (arXiv 2406.04334)
VISUAL, DEEPSTACK = "visual_pos_masks", "deepstack_visual_embeds"


@dataclass(frozen=True)
class Example:
    """A question with the VLM's own answer, ready for the language model.

    Args:
        embeddings: Input embeddings of prompt and answer, images included, [tokens, hidden].
        positions: Rope positions, int64 [k, tokens]: temporal, height and width where the model
            has three, one row where it counts tokens.
        answer: First answer token; the answer reaches to the end.
        extras: What else the decoder is given, by name: [tokens, ...], but `DEEPSTACK` has rows for
            the tokens of mask `VISUAL` alone, [visual tokens, layers, hidden].
    """

    embeddings: torch.Tensor
    positions: torch.Tensor
    answer: int
    extras: Mapping[str, torch.Tensor] = field(default_factory=dict)

    @property
    def answer_tokens(self) -> int:
        """Number of tokens of the answer."""
        return len(self.embeddings) - self.answer


class Packed(NamedTuple):
    """Tokens of several examples one after the other.

    Attributes:
        embeddings: [tokens, hidden].
        positions: [k, tokens].
        extras: As in `Example`.
    """

    embeddings: torch.Tensor
    positions: torch.Tensor
    extras: dict[str, torch.Tensor]


def concatenate(examples: Sequence[Example]) -> Packed:
    """Joins examples in their order; an example without images has no extras to add."""
    rows = max(len(example.positions) for example in examples)
    likes = {name: value for example in examples for name, value in example.extras.items()}
    return Packed(
        torch.cat([example.embeddings for example in examples]),
        torch.cat([example.positions.expand(rows, -1) for example in examples], dim=1),
        {
            name: torch.cat([_extra(example, name, like) for example in examples])
            for name, like in likes.items()
        },
    )


def _extra(example: Example, name: str, like: torch.Tensor) -> torch.Tensor:
    if name in example.extras:
        return example.extras[name]
    rows = 0 if name == DEEPSTACK else len(example.embeddings)
    return like.new_zeros(rows, *like.shape[1:])


def write_examples(path: Path, examples: Sequence[Example]) -> None:
    """Writes examples to one safetensors file, atomically."""
    embeddings, positions, extras = concatenate(examples)
    sizes = {
        name: [len(_extra(example, name, like)) for example in examples]
        for name, like in extras.items()
    }
    metadata = {
        "answers": [example.answer for example in examples],
        "lengths": [len(example.embeddings) for example in examples],
        "extras": sizes,
    }
    write_tensors(path, {EMBEDDINGS: embeddings, POSITIONS: positions, **extras}, metadata)


def read_examples(path: Path) -> list[Example]:
    """Reads what `write_examples` wrote."""
    file = TensorFile(path)
    lengths = file.metadata["lengths"]
    extras = {
        name: torch.split(file[name], sizes) for name, sizes in file.metadata["extras"].items()
    }
    parts = zip(
        torch.split(file[EMBEDDINGS], lengths),
        torch.split(file[POSITIONS], lengths, dim=1),
        file.metadata["answers"],
        strict=True,
    )
    return [
        Example(*part, {name: split[place] for name, split in extras.items()})
        for place, part in enumerate(parts)
    ]
