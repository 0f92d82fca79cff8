"""Lazy reading of a checkpoint directory in the layout of the hub."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frism.checkpoints.tensor_info import TensorInfo, missing, read_headers, read_tensor
from frism.errors import CheckpointError

if TYPE_CHECKING:
    import torch

SINGLE_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
CONFIG_FILE = "config.json"
# folder of transformers for templates beside the main one
CHAT_TEMPLATES = "additional_chat_templates"
# what frism writes beside weights about where they come from
RECORDS = ("merge_card.json", "source.json")


@dataclass(frozen=True)
class Checkpoint:
    """A directory with `config.json` and one or several safetensors files.

    Only headers are read until a tensor is asked for, so a model larger than memory can be merged.

    Args:
        directory: Where the checkpoint lies.
    """

    directory: Path

    @classmethod
    def of_headers(
        cls, name: str, config: dict[str, Any], tensors: dict[str, TensorInfo]
    ) -> Checkpoint:
        """Returns a checkpoint of which only configuration and headers are there.

        Args:
            name: What it is called in messages.
            config: Its parsed `config.json`.
            tensors: Every tensor by name.
        """
        found = cls(Path(name))
        vars(found).update(config=config, tensors=dict(sorted(tensors.items())))
        return found

    @cached_property
    def config(self) -> dict[str, Any]:
        """The parsed `config.json`."""
        return _read_json(self.directory / CONFIG_FILE)

    @cached_property
    def tensors(self) -> dict[str, TensorInfo]:
        """Every tensor of the checkpoint by name, sorted."""
        found: dict[str, TensorInfo] = {}
        for file in self.weight_files:
            found |= read_headers(file)
        self._check_index(found)
        return dict(sorted(found.items()))

    @cached_property
    def weight_files(self) -> list[Path]:
        """The safetensors files: the single one, or those that the index names."""
        single, index = self.directory / SINGLE_FILE, self.directory / INDEX_FILE
        if single.is_file():
            return [single]
        if not index.is_file():
            raise CheckpointError(
                f"{self.directory} holds no weights: expected {SINGLE_FILE}, or {INDEX_FILE} and "
                "its shards; give the directory of a checkpoint saved with safetensors"
            )
        return [self.directory / name for name in sorted(set(self._weight_map.values()))]

    def info(self, name: str) -> TensorInfo:
        """Returns the header entry of tensor `name`.

        Raises:
            CheckpointError: the checkpoint has no such tensor.
        """
        try:
            return self.tensors[name]
        except KeyError:
            raise CheckpointError(
                f"tensor '{name}' is missing from {self.directory} "
                f"({len(self.tensors)} tensors there); is this a checkpoint of the same family?"
            ) from None

    def tensor(self, name: str) -> torch.Tensor:
        """Reads tensor `name` in the type it is stored in; its bytes stay in the mapped file."""
        return read_tensor(self.info(name).file, name)

    @property
    def index(self) -> list[Path]:
        """The file that tells which shard holds which tensor, if there are shards."""
        sharded = self.weight_files[0].name != SINGLE_FILE
        return [self.directory / INDEX_FILE] if sharded else []

    @property
    def side_files(self) -> list[Path]:
        """Everything but weights: configuration, tokenizer, processor, chat templates, ..."""
        below = (self.directory / CHAT_TEMPLATES).glob("*")
        files = sorted(file for file in (*self.directory.iterdir(), *below) if file.is_file())
        # what begins with a dot tells how a folder was downloaded, or is a writer's own note
        return [f for f in files if not (_holds_weights(f) or f.name.startswith("."))]

    @cached_property
    def _weight_map(self) -> dict[str, str]:
        weight_map = _read_json(self.directory / INDEX_FILE).get("weight_map")
        if not isinstance(weight_map, dict) or not all(
            isinstance(file, str) for file in weight_map.values()
        ):
            raise CheckpointError(
                f"{self.directory / INDEX_FILE} has no 'weight_map' of tensors to files; download "
                "the index again"
            )
        return weight_map

    def _check_index(self, found: dict[str, TensorInfo]) -> None:
        if self.weight_files[0].name == SINGLE_FILE:
            return
        if missing := sorted(set(self._weight_map) - set(found)):
            name = missing[0]
            raise CheckpointError(
                f"tensor '{name}' is named by {INDEX_FILE} but missing from "
                f"{self.directory / self._weight_map[name]} ({len(missing)} such tensors); "
                "a shard is incomplete: download it again"
            )


def _holds_weights(file: Path) -> bool:
    # .bin and .pth copies of the weights would be loaded in place of merged ones
    return (
        file.suffix in {".safetensors", ".bin", ".pth", ".pt", ".gguf"}
        or file.name.endswith(".index.json")
        or file.name in RECORDS
    )


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(
            f"{file} {missing(file)}; {file.parent} must be a checkpoint directory of transformers"
        ) from None
    except ValueError as error:
        raise CheckpointError(f"{file} is no valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise CheckpointError(f"{file} holds a {type(content).__name__}; expected a JSON object")
    return content
