"""Small random LLM checkpoints: a base and two models that were tuned from it."""

from __future__ import annotations

from pathlib import Path

import torch
import transformers

# spread of weights and of what tuning adds; the cosine of two tuned matrices is about 0.8
WEIGHT, CHANGE = 0.02, 0.01
TUNED = ("vlm", "lrm")
CONFIG = {
    "hidden_size": 64,
    "intermediate_size": 176,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 256,
}


def write_checkpoints(folder: Path, seed: int) -> None:
    """Writes `base`, `vlm` (standing for the VLM's language model) and `lrm` into a folder.

    Values have all the digits of float32. Those of bfloat16 would make many magnitudes equal, and
    mergekit's sort leaves open which of equal ones it keeps.
    """
    random = torch.Generator().manual_seed(seed)
    transformers.utils.logging.disable_progress_bar()
    model = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**CONFIG))
    base = {
        name: _normal(tensor, random) * WEIGHT + name.endswith("norm.weight")
        for name, tensor in model.state_dict().items()
    }
    _write(model, base, folder / "base")
    for role in TUNED:
        tuned = {name: tensor + CHANGE * _normal(tensor, random) for name, tensor in base.items()}
        _write(model, tuned, folder / role)


def _normal(like: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    return torch.randn(like.shape, generator=random)


def _write(
    model: transformers.Qwen2ForCausalLM, weights: dict[str, torch.Tensor], directory: Path
) -> None:
    model.load_state_dict(weights)
    model.save_pretrained(directory)
