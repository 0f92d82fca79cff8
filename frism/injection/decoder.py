"""Where the language model of a VLM is, and the linear layers in it that are merged.

Vision encoders and resamplers have layers of the same names, and what the language model is called
differs between families. Transformers itself knows which module decodes text, so no list is needed.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from frism.errors import MergeError


def decoder(model: Any) -> nn.Module:
    """Returns the module of a VLM, or of a causal language model, whose `layers` read text.

    Raises:
        MergeError: the model has no such module.
    """
    kind = type(model).__name__
    if not hasattr(model, "get_decoder"):
        raise MergeError(
            f"a {kind} has no get_decoder(); expected a VLM of transformers with a language model"
        )
    found: nn.Module = model.get_decoder()
    if not isinstance(getattr(found, "layers", None), nn.ModuleList) or not _reads_text(found):
        parts = ", ".join(name for name, _ in found.named_children())
        raise MergeError(
            f"the decoder of a {kind} is a {type(found).__name__} with {parts or 'nothing'}; "
            "expected a language model with token embeddings and `layers`: is it a VLM?"
        )
    return found


def decoder_path(model: Any) -> str:
    """Returns the path of the decoder in `model`, such as `model.language_model`.

    It is empty where the model itself is the decoder.

    Raises:
        MergeError: the model has no decoder.
    """
    found = decoder(model)
    return next(str(path) for path, module in model.named_modules() if module is found)


def matrices(model: Any) -> dict[str, str]:
    """Maps the canonical name of each linear layer of the decoder to its path, in layer order.

    The canonical name is `model.layers.<n>.<rest>.weight`, as in a causal LM; the path leads to the
    layer itself and not to its weight.

    Raises:
        MergeError: the model has no decoder.
    """
    layers = f"{decoder_path(model)}.layers".removeprefix(".")
    found = {
        (number, *path.split(".")): f"{layers}.{number}.{path}"
        for number, layer in enumerate(decoder(model).get_submodule("layers").children())
        for path, module in layer.named_modules()
        if isinstance(module, nn.Linear)
    }
    return {
        f"model.layers.{'.'.join(map(str, place))}.weight": path
        for place, path in sorted(found.items())
    }


def _reads_text(module: Any) -> bool:
    return isinstance(module.get_input_embeddings(), nn.Embedding)
