"""What a model holds, without its weights: configuration and headers, read by range requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, try_to_load_from_cache
from huggingface_hub.errors import NotASafetensorsRepoError, SafetensorsParsingError

from frism.checkpoints.tensor_info import TensorInfo, read_headers
from frism.errors import CheckpointError
from frism.hub.choice import choose, read_json
from frism.hub.failures import explained
from frism.hub.listing import Listing, list_files
from frism.hub.reference import HubModel
from frism.hub.selection import CONFIG, Consent


@dataclass(frozen=True)
class RemoteCheckpoint:
    """A checkpoint whose weights are still on the hub.

    Args:
        commit: The commit that was read.
        config: The parsed `config.json`.
        tensors: Every tensor by name, sorted; `file` is the shard's name, or its path if cached.
        weight_bytes: Size of the files with tensors.
    """

    commit: str
    config: dict[str, Any]
    tensors: dict[str, TensorInfo]
    weight_bytes: int


def read_remote(model: HubModel, allow_pickle: bool = False) -> RemoteCheckpoint:
    """Reads the configuration and the headers of all weights; shards that are cached, from there.

    Args:
        model: The model.
        allow_pickle: Whether pickle weights would be downloaded.

    Raises:
        CheckpointError: the model cannot be had, or its weights are no safetensors.
    """
    listing = list_files(model)
    selection = choose(listing, Consent(allow_pickle))
    if selection.pickle:
        raise CheckpointError(
            f"{model} has pickle weights only, which have no headers to read; download it first, "
            "with `frism download --allow-pickle` or `snakemake --cores 1 downloads`"
        )
    tensors: dict[str, TensorInfo] = {}
    for name in selection.weights:
        tensors |= _headers(listing, name)
    size = sum(listing.files[name].size for name in selection.weights)
    config = read_json(listing, CONFIG)
    return RemoteCheckpoint(listing.commit, config, dict(sorted(tensors.items())), size)


def _headers(listing: Listing, name: str) -> Mapping[str, TensorInfo]:
    repo, commit = listing.model.repo, listing.commit
    if isinstance(cached := try_to_load_from_cache(repo, name, revision=commit), str):
        return read_headers(Path(cached))
    with explained(listing.model, name):
        try:
            header = HfApi().parse_safetensors_file_metadata(repo, name, revision=commit)
        except (SafetensorsParsingError, NotASafetensorsRepoError):
            raise CheckpointError(
                f"{name} of {listing.model} is no readable safetensors file; choose another "
                "revision"
            ) from None
    return {
        tensor: TensorInfo(Path(name), info.dtype, tuple(info.shape))
        for tensor, info in header.tensors.items()
    }
