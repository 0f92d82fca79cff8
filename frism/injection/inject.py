"""Putting gated subspaces into the language model of a VLM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from frism.checkpoints.names import matrix_names
from frism.errors import MergeError
from frism.injection.gated_linear import GatedLinear
from frism.injection.granularity import Granularity, zero_gates
from frism.subspaces.decomposition import Subspace


@dataclass(frozen=True)
class Injection:
    """The gates of a model and the layers that they act on.

    Args:
        layers: Gated layers by canonical name of their matrix.
        gates: Raw gates by group key; the only parameters of the model that learn.
    """

    layers: dict[str, GatedLinear]
    gates: dict[str, nn.Parameter]


def inject(
    model: nn.Module, subspaces: Mapping[str, Subspace], kind: Granularity, scale: float
) -> Injection:
    """Freezes `model` and replaces its language-model matrices by gated layers, gates at zero.

    Args:
        model: A VLM in memory.
        subspaces: Decomposed task vectors by canonical name; each matrix of the model has one.
        kind: How directions share gates.
        scale: lambda_lrm.

    Raises:
        MergeError: names or shapes of subspaces and model differ.
    """
    modules = _linear_layers(model, subspaces)
    model.requires_grad_(False)
    weight = next(model.parameters())
    ranks = {name: subspace.s.numel() for name, subspace in subspaces.items()}
    gates = {key: nn.Parameter(gate.to(weight)) for key, gate in zero_gates(ranks, kind).items()}
    layers: dict[str, GatedLinear] = {}
    for name, path in modules.items():
        gate, index = gates[kind.group(name)], kind.index(ranks[name])
        linear = _check_layer(name, model.get_submodule(path), subspaces[name])
        layers[name] = GatedLinear(linear, subspaces[name], gate, index, scale)
        model.set_submodule(path, layers[name])
    return Injection(layers, gates)


def _linear_layers(model: nn.Module, subspaces: Mapping[str, Subspace]) -> dict[str, str]:
    names = matrix_names(name for name, _ in model.named_parameters())
    if odd := sorted(set(names) ^ set(subspaces)):
        there = "the model" if odd[0] in names else "the subspaces"
        raise MergeError(
            f"tensor '{odd[0]}' is only in {there} ({len(odd)} tensors without a partner); "
            "expected subspaces of every language-model matrix of this model"
        )
    return {name: path.removesuffix(".weight") for name, path in names.items()}


def _check_layer(name: str, module: nn.Module, subspace: Subspace) -> nn.Linear:
    if not isinstance(module, nn.Linear):
        raise MergeError(
            f"'{name}' belongs to a {type(module).__name__}; expected a linear layer without "
            "quantisation or adapters: load the model in a floating type"
        )
    shape = torch.Size((subspace.u.shape[0], subspace.vh.shape[1]))
    if module.weight.shape != shape:
        raise MergeError(
            f"tensor '{name}' has shape {list(module.weight.shape)} in the model but "
            f"{list(shape)} in the subspaces; were they made from another pair?"
        )
    return module
