"""What a model hands its language model, recorded from its own forward pass, and handed over again.

Each family makes embeddings, rope positions and further inputs of its decoder in its own way. The
model itself is asked: it runs until its decoder is called, and no further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import nn

from frism.injection.decoder import decoder


class _ReachedError(Exception):
    """The decoder was called; the rest of the pass is of no use."""


def given_to_decoder(model: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments that the decoder of `model` is called with; the decoder does not run.

    Args:
        model: a VLM or a causal language model of transformers.
        inputs: what the model is called with.

    Raises:
        MergeError: the model has no decoder.
    """
    found: dict[str, Any] = {}

    def stop(module: nn.Module, positional: tuple[Any, ...], named: dict[str, Any]) -> None:
        # the first positional argument of all decoders is input_ids
        found.update(dict(zip(("input_ids",), positional, strict=False)), **named)
        raise _ReachedError

    handle = decoder(model).register_forward_pre_hook(stop, with_kwargs=True)
    try:
        model(**inputs)
    except _ReachedError:
        pass
    finally:
        handle.remove()
    return found


@contextmanager
def handed_over(model: Any, given: Mapping[str, Any]) -> Iterator[None]:
    """Gives the decoder these arguments beside, or in place of, what the model calls it with."""
    if not given:
        yield
        return

    def add(
        module: nn.Module, positional: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return positional, {**named, **given}

    handle = decoder(model).register_forward_pre_hook(add, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()
