"""Which weights of a model in memory a merge may change, and which it never does."""

from __future__ import annotations

import torch

from frism.checkpoints.names import vector_name
from frism.injection.decoder import decoder_path, matrices


def mergeable(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """Returns matrices, norms and biases of the language model by canonical name.

    Raises:
        MergeError: the model has no language model.
    """
    canonical = _canonical(model)
    named = model.named_parameters()
    return {canonical[name]: parameter for name, parameter in named if name in canonical}


def kept(model: torch.nn.Module) -> list[tuple[str, torch.nn.Parameter]]:
    """Returns embeddings, head and vision tower with their names, sorted by them.

    Raises:
        MergeError: the model has no language model.
    """
    canonical = _canonical(model)
    return sorted((n, p) for n, p in model.named_parameters() if n not in canonical)


def _canonical(model: torch.nn.Module) -> dict[str, str]:
    """Maps the names of the language model's parameters to canonical names."""
    found = {f"{path}.weight": name for name, path in matrices(model).items()}
    prefix = f"{decoder_path(model)}.".removeprefix(".")
    for name, _ in model.named_parameters():
        inner = name.removeprefix(prefix)
        if name.startswith(prefix) and (canonical := vector_name(f"model.{inner}")):
            found[name] = canonical
    return found
