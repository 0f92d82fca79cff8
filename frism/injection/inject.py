"""Putting gated task vectors into the language model of a VLM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from frism.errors import MergeError
from frism.injection.activation import INITIAL
from frism.injection.decoder import decoder, matrices
from frism.injection.design import GateDesign
from frism.injection.gated_linear import GatedLinear
from frism.injection.gates import Injection
from frism.subspaces.decomposition import Subspace


def inject(
    model: nn.Module,
    subspaces: Mapping[str, Subspace],
    design: GateDesign,
    scale: float,
    initial: float | None = None,
    offload: bool = False,
    keep: bool = True,
) -> Injection:
    """Freezes `model` and replaces its language-model matrices by gated layers.

    Matrices that the design leaves out stay as they are. U and Vh keep their type, and S and the
    gates are float32 at least, whatever the type of the model.

    Args:
        model: A VLM in memory, on one device or several.
        subspaces: Decomposed task vectors by canonical name; each matrix of the model has one. Each
            is asked for once, so they may be read from a file one after the other.
        design: What the gates stand before.
        scale: lambda_lrm.
        initial: Raw gates at the start; None for the activation's own start.
        offload: Whether U and Vh stay in CPU memory and come to their layer for each use.
        keep: Whether merged matrices are kept from forward to backward pass. If not they are formed
            again, which saves the memory of a second language model.

    Raises:
        MergeError: names or shapes of subspaces and model differ, or no matrix is left.
    """
    modules = _linear_layers(model, subspaces)
    model.requires_grad_(False)
    layers: dict[str, GatedLinear] = {}
    for name, path in modules.items():
        subspace = subspaces[name]
        linear = _check_layer(name, model.get_submodule(path), subspace)
        components = design.components(name, subspace)
        if components.subspace.s.numel():
            layers[name] = GatedLinear(linear, components, scale, offload, keep)
            model.set_submodule(path, layers[name])
    if not layers:
        raise MergeError(f"modules '{design.modules}' leave no matrix; expected some to be left")
    start = INITIAL[design.activation] if initial is None else initial
    injection = Injection(layers, design, key_value_heads(model), start)
    decoder(model).register_forward_pre_hook(lambda *_: injection.before_pass())
    return injection


def key_value_heads(model: Any) -> int:
    """Returns the number of key-value heads of a model's language model."""
    return int(model.config.get_text_config().num_key_value_heads)


def _linear_layers(model: nn.Module, subspaces: Mapping[str, Subspace]) -> dict[str, str]:
    names = matrices(model)
    if odd := sorted(set(names) ^ set(subspaces)):
        there = "the model" if odd[0] in names else "the subspaces"
        raise MergeError(
            f"tensor '{odd[0]}' is only in {there} ({len(odd)} tensors without a partner); "
            "expected subspaces of every language-model matrix of this model"
        )
    return names


def _check_layer(name: str, module: Any, subspace: Subspace) -> nn.Linear:
    weight: torch.Tensor = module.weight
    if not isinstance(module, nn.Linear) or not weight.is_floating_point() or weight.is_meta:
        raise MergeError(
            f"'{name}' belongs to a {type(module).__name__} with weights of {weight.dtype} on "
            f"{weight.device}; expected a linear layer in memory: load the model in a floating "
            "type and let no weights be offloaded"
        )
    shape = torch.Size((subspace.u.shape[0], subspace.vh.shape[1]))
    if weight.shape != shape:
        raise MergeError(
            f"tensor '{name}' has shape {list(weight.shape)} in the model but "
            f"{list(shape)} in the subspaces; were they made from another pair?"
        )
    return module
