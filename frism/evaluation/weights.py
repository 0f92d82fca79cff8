"""Which weights of a model in memory a merge may change, and which it never does."""

from __future__ import annotations

import torch

from frism.checkpoints.names import canonical_name, vector_name


def mergeable(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """Returns matrices, norms and biases of the language model by canonical name."""
    named = ((_canonical(name), parameter) for name, parameter in model.named_parameters())
    return {name: parameter for name, parameter in named if name}


def kept(model: torch.nn.Module) -> list[tuple[str, torch.nn.Parameter]]:
    """Returns embeddings, head and vision tower with their names, sorted by them."""
    return sorted((n, p) for n, p in model.named_parameters() if not _canonical(n))


def _canonical(name: str) -> str | None:
    return canonical_name(name) or vector_name(name)
