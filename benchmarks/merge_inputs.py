"""Checkpoints of the shape of Qwen2.5-0.5B for timing merges: a base and two tuned from it."""

from __future__ import annotations

from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from frism.files import atomic_directory

ROLES = ("base", "vlm", "lrm")
# spread of weights and of what tuning adds to them; bfloat16 rounds the sum as it does in training
WEIGHT, CHANGE = 0.02, 0.002
CONFIG = {
    "hidden_size": 896,
    "intermediate_size": 4864,
    "num_hidden_layers": 24,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
    "vocab_size": 151936,
    "max_position_embeddings": 32768,
    "tie_word_embeddings": True,
    "dtype": "bfloat16",
}


def make_checkpoints(folder: Path, layers: int, seed: int = 0) -> None:
    """Writes `base`, `vlm` (standing for the VLM's language model) and `lrm`, where not there yet.

    Args:
        folder: Where they go.
        layers: Number of layers; 24 is the model's own.
        seed: Of the random weights.
    """
    config = transformers.Qwen2Config(**CONFIG | {"num_hidden_layers": layers})
    for role in ROLES:
        if not (folder / role).is_dir():
            with atomic_directory(folder / role) as directory:
                print(f"making {folder / role}", flush=True)
                _write(config, role, seed, directory)


def _write(config: transformers.Qwen2Config, role: str, seed: int, directory: Path) -> None:
    with torch.device("meta"):
        model = transformers.Qwen2ForCausalLM(config)
    random = {name: torch.Generator() for name in ("base", role)}
    for name, generator in random.items():
        generator.manual_seed(seed + ROLES.index(name))
    tensors = {
        name: _tensor(name, parameter.shape, random, role)
        for name, parameter in model.named_parameters()
    }
    save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
    config.architectures = ["Qwen2ForCausalLM"]
    config.save_pretrained(directory)
    _tokenizer().save_pretrained(directory)


def _tensor(
    name: str, shape: torch.Size, random: dict[str, torch.Generator], role: str
) -> torch.Tensor:
    weight = torch.randn(shape, generator=random["base"]).mul_(WEIGHT)
    weight = weight.add_(float(name.endswith("norm.weight"))).bfloat16()
    if role == "base":
        return weight
    return (weight + CHANGE * torch.randn(shape, generator=random[role])).bfloat16()


def _tokenizer() -> transformers.PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "word": 1}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>")
