"""Where a step computes."""

from __future__ import annotations

from frism.errors import ConfigError


def device(name: str) -> str:
    """Returns `cpu` or `cuda` for `auto`, `cpu` or `cuda`.

    Raises:
        ConfigError: a GPU is asked for and there is none.
    """
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            "device: found cuda, but torch sees no GPU; expected auto or cpu, or a machine with one"
        )
    return ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name
